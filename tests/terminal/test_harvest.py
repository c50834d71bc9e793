"""The real engine behind a terminal that stalls, and what it leaves on the disk."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import AT_ONCE, Terminal

pytestmark = pytest.mark.slow

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


def done(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'rows.db'}?mode=ro", uri=True)) as db:
        return int(db.execute("select count(*) from request where state = 'done'").fetchone()[0])


def under_way(screen: Terminal, folder: Path) -> None:
    """Wait until the harvest has its pace."""
    screen.shows("q quit")
    screen.until(lambda: done(folder) > 30, "thirty requests")


def all_that_landed_is_there(folder: Path) -> bool:
    """Say whether each request that is done has its rows, and none is left claimed."""
    with closing(sqlite3.connect(folder / "rows.db")) as db:
        states = {state for (state,) in db.execute("select distinct state from request")}
        pages = db.execute("select count(*) from request where state = 'done' and key like 'page %'").fetchone()[0]
        details = db.execute("select count(*) from request where state = 'done' and key like 'item %'").fetchone()[0]
        rows = [db.execute(f"select count(*) from {table}").fetchone()[0] for table in ("fake_item", "fake_detail")]
    return states <= {"done", "queued"} and rows == [10 * pages, details]


def test_a_terminal_that_is_not_read_for_half_a_minute_costs_nothing_and_answers_at_once(
    pretended: Open, tmp_path: Path
) -> None:
    screen = pretended("paced", "--hz", "30", size=(200, 60))
    under_way(screen, tmp_path)
    began, before = time.monotonic(), done(tmp_path)
    screen.listen(10)
    read = (done(tmp_path) - before) / (time.monotonic() - began)

    began, before = time.monotonic(), done(tmp_path)
    time.sleep(30)  # noqa: TID251 -- the terminal is not read meanwhile: that is the fault
    stalled = (done(tmp_path) - before) / (time.monotonic() - began)

    assert stalled >= 0.95 * read > 0
    screen.press(b"?")
    screen.until(lambda: any("esc closes" in line for line in screen.lines), "help within a second", within=1.0)


@pytest.mark.parametrize("number", SIGNALS)
def test_what_has_landed_stays_after_a_signal_and_nothing_is_left_claimed(
    pretended: Open, tmp_path: Path, number: signal.Signals
) -> None:
    screen = pretended("paced")
    under_way(screen, tmp_path)
    before = done(tmp_path)

    screen.process.send_signal(number)

    assert screen.ends(within=AT_ONCE) == 128 + number
    assert screen.restored()
    assert done(tmp_path) >= before
    assert all_that_landed_is_there(tmp_path)


@pytest.mark.parametrize("number", SIGNALS)
def test_nor_does_a_terminal_that_was_not_read_for_long_keep_a_signal_from_it(
    pretended: Open, tmp_path: Path, number: signal.Signals
) -> None:
    screen = pretended("paced", "--hz", "30", size=(200, 60))
    under_way(screen, tmp_path)
    time.sleep(15)  # noqa: TID251 -- the terminal is not read meanwhile: that is the fault
    before = done(tmp_path)

    screen.process.send_signal(number)

    assert screen.ends_unread(within=AT_ONCE) == 128 + number
    assert screen.current_modes() == screen.modes
    assert done(tmp_path) >= before
    assert all_that_landed_is_there(tmp_path)
    screen.drain()
    assert screen.restored()


def test_closing_the_window_keeps_what_has_landed(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("paced", owned=True)
    under_way(screen, tmp_path)
    before = done(tmp_path)

    screen.vanish()

    assert screen.process.wait(AT_ONCE) == 129
    assert done(tmp_path) >= before

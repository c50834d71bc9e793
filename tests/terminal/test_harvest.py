"""The real engine behind a terminal that stalls, and what it leaves on the disk."""

import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.terminal import PATIENCE, Terminal

STALL = 6.0


def done(folder: Path) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'rows.db'}?mode=ro", uri=True)) as db:
        return int(db.execute("select count(*) from request where state = 'done'").fetchone()[0])


def under_way(screen: Terminal, folder: Path) -> None:
    """Wait until the harvest has its pace."""
    screen.shows("q quit")
    screen.until(lambda: done(folder) > 30, "thirty requests")


@pytest.mark.long
def test_a_stalled_terminal_costs_the_harvest_nothing(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("paced", "--hz", "30", size=(200, 60))
    under_way(screen, tmp_path)
    before = done(tmp_path)
    screen.listen(STALL)
    read = done(tmp_path) - before

    before = done(tmp_path)
    time.sleep(STALL)  # noqa: TID251 -- the terminal is not read meanwhile: that is the fault
    stalled = done(tmp_path) - before

    assert stalled >= 0.95 * read - 1  # one may land on either side of a look
    assert read > 50
    screen.press(b"?")
    screen.shows("esc closes")


def test_what_has_landed_stays_after_a_signal_and_nothing_is_left_claimed(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("paced")
    under_way(screen, tmp_path)

    screen.process.send_signal(signal.SIGTERM)

    assert screen.ends() == 143
    with closing(sqlite3.connect(tmp_path / "rows.db")) as db:
        states = {state for (state,) in db.execute("select distinct state from request")}
        pages = db.execute("select count(*) from request where state = 'done' and key like 'page %'").fetchone()[0]
        details = db.execute("select count(*) from request where state = 'done' and key like 'item %'").fetchone()[0]
        rows = [db.execute(f"select count(*) from {table}").fetchone()[0] for table in ("fake_item", "fake_detail")]
    assert states <= {"done", "queued"}
    assert rows == [10 * pages, details]
    assert screen.restored()


def test_closing_the_window_keeps_what_has_landed(pretended: Open, tmp_path: Path) -> None:
    screen = pretended("paced", owned=True)
    under_way(screen, tmp_path)
    before = done(tmp_path)

    screen.vanish()

    assert screen.process.wait(PATIENCE) == 129
    assert done(tmp_path) >= before

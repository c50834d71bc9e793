"""The triage of errors under Pilot."""

import csv
import json
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest
from rich.cells import cell_len

from bench.screen.sample import deck
from engine.common.errors import StoreUnusable
from engine.model.commands import Command, Retry
from engine.model.control import Control
from engine.model.snapshot import Attempt, State
from tests.tui import fakes
from tests.tui.fakes import HOSTILE, SIZES, FakeControl, lines, settle, text
from tests.tui.triaging import in_triage, read
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.triage import export
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.error_table import trend
from tui.screens.triage.failed_requests import FailedRequestList, FailedRequestPage
from tui.screens.triage.render import tried


async def test_errors_twice_lists_every_kind_with_count_trend_and_sample() -> None:
    app = fakes.app()

    async with in_triage(app, size=(120, 40)):
        assert isinstance(app.screen, Triage)
        page = text(app)

    assert "LAST HOUR" in page
    assert "▸   214    2s" in page
    assert "214 requests; first 2026-01-01 12:46:11, last 2026-01-01 14:42:49, 2s ago" in page
    assert "GET /items/get?older=612044" in page


async def test_enter_leads_to_the_requests_and_to_one_and_escape_back() -> None:
    app = fakes.app()

    async with in_triage(app, "enter") as pilot:
        assert isinstance(app.screen, FailedRequestList)
        assert "12 requests" in lines(app)[0]
        await settle(pilot, "j", "enter")
        assert isinstance(app.screen, FailedRequestPage)
        page = text(app)
        await settle(pilot, "j", "G")
        page += text(app)
        await settle(pilot, "escape", "q")
        assert isinstance(app.screen, Triage)
        await settle(pilot, "escape")
        assert isinstance(app.screen, Dashboard)

    assert "refused ten times in a row" in page
    assert "5, refused 10 times for its rate besides" in page
    assert "␛[31mtoo many requests␛[0m" in page


async def test_a_request_shows_every_attempt_the_newest_last() -> None:
    app = fakes.app()

    async with in_triage(app, "enter", "enter", size=(120, 40)) as pilot:
        found = [line.strip() for line in lines(app) if line.startswith(" tried")]
        await settle(pilot, "slash", *"throttled", "enter")
        narrowed = [line for line in lines(app) if line.startswith(" tried")]

    assert found == [
        "tried     2026-01-01 14:41:15 throttled, sent again after 1m00: 429 Too Many Requests: retry-after 60 s",
        "tried     2026-01-01 14:42:18 sent again after 2s: 503 Service Unavailable",
        "tried     2026-01-01 14:42:22 sent again after 4s: ConnectionLost: reset by␛[31m peer",
        "tried     2026-01-01 14:42:49 given up: the connection ended before the answer was whole",
    ]
    assert len(narrowed) == 1


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (Attempt(at=0, outcome="retry", status=200, reason="no JSON", wait=1.0), "sent again after 1s, 200: no JSON"),
        (
            Attempt(at=0, outcome="throttled", status=429, reason="429", wait=0.0),
            "throttled, sent again at once: 429",
        ),
        (Attempt(at=0, outcome="stopped", status=None, reason="moved", wait=None), "the source stopped: moved"),
    ],
)
def test_an_attempt_says_what_became_of_it_and_its_status_once(attempt: Attempt, said: str) -> None:
    assert tried(attempt, UTC) == f"1970-01-01 00:00:00 {said}"


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["R"], Retry("pr0gramm", "pr0gramm-429")),
        (["j", "R"], Retry("videos", "videos-Gone")),
        (["A", "y"], Retry()),
        (["enter", "j", "R"], Retry("pr0gramm", "pr0gramm-429", 1)),
        (["enter", "A"], Retry("pr0gramm", "pr0gramm-429")),
        (["enter", "enter", "R"], Retry("pr0gramm", "pr0gramm-429", 0)),
    ],
)
async def test_one_request_a_kind_or_all_are_tried_again(keys: list[str], command: Command) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, *keys):
        assert "queued again" in text(app)

    assert control.commands == [command]


@pytest.mark.parametrize("key", ["n", "enter", "escape", "q"])
async def test_trying_all_again_asks_first(key: str) -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, "A") as pilot:
        assert "retry all 234 failed requests? y/N" in lines(app)[-1]
        await settle(pilot, key)
        assert isinstance(app.screen, Triage)

    assert control.commands == []


async def test_where_nothing_runs_any_more_the_command_is_told() -> None:
    control = FakeControl(fakes.ended(State.DONE))
    app = fakes.app(control)

    async with in_triage(app, "R", size=(120, 40)):
        assert "pr0gramm runs no more: `fetchdeck run pr0gramm --retry-failed`" in text(app)

    assert control.commands == []


async def test_a_muted_kind_is_hidden_everywhere_until_it_is_not() -> None:
    app = fakes.app()

    async with in_triage(app, "i") as pilot:
        assert "refused ten times" not in text(app)
        assert "20 requests, 4 kinds, 1 muted" in lines(app)[0]
        await settle(pilot, "escape")
        assert "refused ten times" not in text(app)
        assert "1 muted" in text(app)
        await settle(pilot, "e", "I", "g")
        assert "muted: refused ten times" in text(app)
        await settle(pilot, "i")
        assert "234 requests, 5 kinds" in lines(app)[0]


async def test_kinds_and_requests_are_filtered() -> None:
    app = fakes.app()

    async with in_triage(app, "slash", *"re:^git", "enter") as pilot:
        assert "4 requests, 3 kinds" in lines(app)[0]
        await settle(pilot, "slash", "ctrl+u", *"re:[", "enter")
        assert "no regular expression" in text(app)
        await settle(pilot, "escape", "enter", "slash", *"none", "enter")
        assert "3 requests" in lines(app)[0]
        await settle(pilot, "escape", "slash", *"zzz", "enter")
        assert "none of them is failed any more" in text(app)


async def test_a_request_is_copied_as_a_command_without_its_secret() -> None:
    copies = fakes.Copies()
    app = fakes.app(jobs=fakes.background_jobs(copies=copies))

    async with in_triage(app) as pilot:
        for keys in (["y"], ["Y"], ["enter", "y"], ["Y"], ["enter", "c"], ["y"]):
            await read(pilot, *keys)

    assert copies.texts[0].startswith("pr0gramm 429, 214 times")
    assert len(copies.texts[1].splitlines()) == 5
    assert copies.texts[2].startswith("pr0gramm no answer GET /items/get?older=612044")
    assert len(copies.texts[3].splitlines()) == 12
    assert copies.texts[4].startswith("curl -gsS")
    assert "$FETCHDECK_PR0GRAMM_ME" in copies.texts[4]
    assert "reason" in copies.texts[5]


@pytest.mark.parametrize(("key", "kind"), [("E", "csv"), ("J", "jsonl")])
async def test_errors_are_exported_and_the_file_is_named(tmp_path: Path, key: str, kind: str) -> None:
    app = fakes.app(jobs=fakes.background_jobs(tmp_path / "exports"))

    async with in_triage(app, key, size=(200, 60)) as pilot:
        assert f"60 requests in {tmp_path}/exports/errors-20260101-144251.{kind}" in text(app)
        await read(pilot, "enter", key)
        assert f"12 requests in {tmp_path}/exports/errors-20260101-144251-1.{kind}" in text(app)

    made = sorted((tmp_path / "exports").iterdir())
    assert [stat.S_IMODE(path.stat().st_mode) for path in made] == [0o600, 0o600]
    assert stat.S_IMODE((tmp_path / "exports").stat().st_mode) == 0o700


def test_a_spreadsheet_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    failure = deck.deck().failures[0]
    request = replace(deck.failed("s", "f")[0], what="=cmd|x", reason="-1+1")

    path, many = export.write(tmp_path, [(failure, [request])], "csv", 0.0)

    with path.open(newline="") as stream:
        heading, row = list(csv.reader(stream))
    assert many == 1
    assert heading == list(export.COLUMNS)
    assert row[5:7] == ["'=cmd|x", "'-1+1"]
    assert row[-1].splitlines()[-1] == "2026-01-01 14:42:49 given up: the connection ended before the answer was whole"


def test_json_lines_keep_what_there_is(tmp_path: Path) -> None:
    failure = deck.deck().failures[0]

    path, _ = export.write(tmp_path, [(failure, deck.failed("pr0gramm", "f"))], "jsonl", 0.0)

    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(rows) == 12
    assert rows[0]["status"] is None
    assert rows[1]["attempts"] == 5
    assert [one["outcome"] for one in rows[1]["history"]] == ["throttled", "retry", "retry", "failed"]


async def test_an_export_that_cannot_be_written_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = fakes.app(jobs=fakes.background_jobs(tmp_path / "file"))

    async with in_triage(app, "E", size=(120, 40)):
        assert "cannot export to" in text(app)


async def test_a_database_that_cannot_be_read_is_told_in_a_line() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, "enter", size=(120, 40)) as pilot:
        control.unreadable = StoreUnusable("cannot read the database x: locked")
        await settle(pilot, "enter")
        assert isinstance(app.screen, FailedRequestList)
        assert "locked" in text(app)
        await read(pilot, "escape", "enter", "E")
        assert isinstance(app.screen, Triage)
        assert "locked" in text(app)


async def test_the_list_follows_its_kind_of_error() -> None:
    control = FakeControl()
    app = fakes.app(control)

    async with in_triage(app, "enter") as pilot:
        control.requests = deck.failed("pr0gramm", "pr0gramm-429")[:3]
        kinds = control.deck.failures
        control.deck = replace(control.deck, failures=(replace(kinds[0], count=3), *kinds[1:]))
        app.tick()
        await settle(pilot)
        assert "3 requests" in lines(app)[0]


async def test_without_errors_there_is_nothing_to_do() -> None:
    control = FakeControl(replace(deck.deck(), failures=()))
    app = fakes.app(control)

    async with in_triage(app, "enter", "R", "A", "i", "E", "y", "Y"):
        assert isinstance(app.screen, Triage)
        assert "no request failed for good" in text(app)

    assert control.commands == []


def test_the_trend_shows_the_last_hour_and_nothing_older() -> None:
    failure = replace(deck.deck().failures[0], recent=((0, 9), (941, 1), (999, 4), (1000, 4)))

    assert trend(failure, 1000 * 60.0) == "▂          █"
    assert trend(replace(failure, recent=()), 0.0) == " " * 12


def hostile_control(payload: str) -> Control:
    control = FakeControl(fakes.hostile(payload))
    tries = (Attempt(at=0.0, outcome=payload, status=None, reason=payload, wait=1.0),) * 3
    control.requests = [
        replace(one, what=payload, reason=payload, source=payload, head=(payload,) * 3, history=tries)
        for one in deck.failed("s", "f")
    ]
    control.detail = replace(
        deck.detail(0), request=control.requests[0], address=payload, curl=payload, body=(payload,) * 3
    )
    return control


@pytest.mark.parametrize("payload", HOSTILE)
async def test_hostile_errors_are_shown_and_nothing_more(payload: str) -> None:
    app = fakes.app(hostile_control(payload))

    async with in_triage(app) as pilot:
        for keys in ([], ["enter"], ["enter"], ["question_mark"]):
            await settle(pilot, *keys)
            assert [cell_len(line) for line in lines(app)] == [80] * 24
            assert "cannot draw" not in text(app)


@pytest.mark.parametrize("size", SIZES)
async def test_every_size_has_a_triage(size: tuple[int, int]) -> None:
    app = fakes.app()
    keys: Sequence[Sequence[str]] = ([], ["enter"], ["enter"], ["slash", "a"], ["escape", "q", "q", "q", "T"])

    async with in_triage(app, size=size) as pilot:
        for some in keys:
            await settle(pilot, *some)
            assert [cell_len(line) for line in lines(app)] == [size[0]] * size[1]
            assert "cannot draw" not in text(app)

"""What a harvest says without a screen."""

from typing import Any

import pytest

from engine.model import events
from engine.model.outside_wait import Cause, OutsideWait, clock
from engine.model.snapshot import State
from tests.tui.cli_fakes import group, lane, quota
from tui.headless.lines import Tone, ending, line_of, progress

BASE: dict[str, Any] = {"at": 0.0, "source": "github"}
REQUEST: dict[str, Any] = BASE | {"slot": 3, "what": "GET /repos/x", "status": 404}


@pytest.mark.parametrize(
    ("event", "verb", "text", "tone"),
    [
        (
            events.RunStarted(**BASE, run=4, resumed=True, pending=1120),
            "Started",
            "resumed, 1,120 requests pending",
            Tone.GOOD,
        ),
        (
            events.RunStarted(**BASE, run=4, resumed=False, pending=0, note="no GraphQL"),
            "Started",
            "run 4; no GraphQL",
            Tone.GOOD,
        ),
        (
            events.RequestThrottled(**REQUEST | {"status": 429, "wait": 12.0, "reason": "retry-after"}),
            "Throttled",
            "429, waits 12s: retry-after",
            Tone.WARNING,
        ),
        (
            events.LaneParked(**BASE, lane="core", until=1.0, reason="parked until 14:03: github asks for 47 min"),
            "Parked",
            "core parked until 14:03: github asks for 47 min",
            Tone.WARNING,
        ),
        (
            events.OutsideWaitBegan(
                **BASE,
                lane="core",
                wait=OutsideWait(cause=Cause.LOGIN_NEEDED, words="old", since=0.0, next_try=60.0),
            ),
            "Waiting",
            f"core login needed since {clock(0.0, 0.0)}: old; next try in 60 s; it goes on by itself",
            Tone.WARNING,
        ),
        (
            events.OutsideWaitEnded(**BASE, lane="", cause=Cause.DISK_FULL, lasted=90.0),
            "Goes on",
            "no longer disk full, after 1m 30s",
            Tone.GOOD,
        ),
        (
            events.RequestRetried(**REQUEST | {"status": None}, attempt=1, wait=2.0, reason="reset"),
            "Retrying",
            "GET /repos/x: reset; attempt 2 in 2s",
            Tone.WARNING,
        ),
        (
            events.RequestRetried(**REQUEST | {"status": None}, attempt=0, wait=2.0, reason="reset", counted=False),
            "Retrying",
            "GET /repos/x: reset; not counted as an attempt, again in 2s",
            Tone.WARNING,
        ),
        (
            events.RequestFailed(**REQUEST, attempt=5, reason="not found"),
            "Failed",
            "404 GET /repos/x: not found (attempt 5)",
            Tone.ERROR,
        ),
        (
            events.LimitMoved(**BASE, lane="core", old=6, new=4, reason="queue 180 ms"),
            "Adjusted",
            "core: 6 to 4 in flight: queue 180 ms",
            Tone.QUIET,
        ),
        (
            events.RequestLanded(**REQUEST, elapsed=0.1, size=2, rows=0, note="repository is empty"),
            "Noted",
            "GET /repos/x: repository is empty",
            Tone.QUIET,
        ),
        (
            events.Crashed(**BASE, where="recorder", message="KeyError: 'a'"),
            "Crashed",
            "recorder: KeyError: 'a'; the log file has it whole",
            Tone.ERROR,
        ),
    ],
)
def test_an_event_becomes_a_line(event: events.Event, verb: str, text: str, tone: Tone) -> None:
    line = line_of(event)

    assert line is not None
    assert (line.verb, line.source, line.text, line.tone) == (verb, "github", text, tone)


def test_a_request_that_landed_is_left_to_the_status() -> None:
    assert line_of(events.RequestLanded(**REQUEST, elapsed=0.1, size=2, rows=1)) is None


def test_progress_names_what_matters_in_one_line() -> None:
    line = progress(group(state=State.RUNNING, queued=3))

    assert line.verb == "Fetched"
    assert line.text == "1,204 requests  31,022 new rows  12/s  in flight 8/12  3 queued  core 3,780 of 5,000"


def test_an_unknown_budget_is_called_unknown() -> None:
    line = progress(group(lanes=(lane(quotas=(quota(limit=None, remaining=None),)),)))

    assert line.text.endswith("core unknown")


def test_a_wait_is_explained() -> None:
    line = progress(group(state=State.WAITING, reason="budget core: 0 left, resets in 38 s"))

    assert line.text.endswith("waits: budget core: 0 left, resets in 38 s")


def test_a_complete_source_ends_with_its_counts() -> None:
    line = ending(group(avoided=40), 20.0)

    assert (line.verb, line.tone) == ("Finished", Tone.GOOD)
    assert line.text == "1,204 requests, 31,022 new rows in 20s, 40 saved"


def test_a_source_with_a_failed_request_ends_with_a_warning_though_none_of_its_walks_is_cut() -> None:
    line = ending(group(failed=2), 20.0)

    assert (line.verb, line.tone) == ("Finished", Tone.WARNING)
    assert line.text == "1,204 requests, 31,022 new rows in 20s, 2 failed"


def test_rows_that_were_written_and_requests_of_earlier_processes_are_told_apart() -> None:
    resumed = group(done=5_000, rows=69_679, written=122_155)

    assert progress(resumed).text.startswith("1,204 requests (5,000 of the run)  69,679 new rows (122,155 written)  ")
    assert ending(resumed, None).text == "1,204 requests (5,000 of the run), 69,679 new rows (122,155 written)"


def test_a_stopped_source_says_why_and_that_it_can_go_on() -> None:
    line = ending(group(state=State.STOPPED, reason="20 s are over"), None)

    assert (line.verb, line.tone) == ("Stopped", Tone.WARNING)
    assert line.text == "1,204 requests, 31,022 new rows; 20 s are over; it can be resumed"


def test_a_failed_source_gives_its_reason_first() -> None:
    line = ending(group(state=State.FAILED, reason="github: 401, wrong token"), 1.0)

    assert (line.verb, line.tone) == ("Failed", Tone.ERROR)
    assert line.text.startswith("github: 401, wrong token (1,204 requests")

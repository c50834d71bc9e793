"""What a person is called back for, and how it is said to the terminal."""

from dataclasses import replace

import pytest

from engine.model.snapshot import DeckState, Failure, State
from tests.tui.cli_fakes import deck, group, lane
from tui.terminal import osc
from tui.terminal.alerts import STILL, AttentionAlerts, title
from tui.terminal.preferences import is_old, moves_cursor, takes_osc
from tui.widgets.ascii_fallback import needed


def running(**changes: object) -> DeckState:
    return deck(group(state=State.RUNNING, **changes), state=State.RUNNING)


def failure(kind: str) -> Failure:
    return Failure(
        fingerprint="f", source="github", kind=kind, message="", count=1, first=0.0, last=0.0, sample="GET /"
    )


def test_a_harvest_that_runs_is_no_news() -> None:
    assert AttentionAlerts().see(running(), 0.0) == []


def test_an_end_is_told_once() -> None:
    lookout = AttentionAlerts()

    assert lookout.see(deck(group()), 0.0) == ["done: 1,204 requests, 31.0k new rows"]
    assert lookout.see(deck(group()), 1.0) == []


def test_a_source_that_is_parked_is_told_once_and_again_when_it_is_parked_again() -> None:
    lookout = AttentionAlerts()
    parked = lane(parked_until=1000.0, reason="parked until 14:03: github asks for 47 min")

    first = lookout.see(running(lanes=(parked,)), 0.0)
    second = lookout.see(running(lanes=(replace(parked, parked_until=1000.2),)), 1.0)
    lookout.see(running(lanes=(lane(),)), 2.0)
    third = lookout.see(running(lanes=(parked,)), 3.0)

    assert first == third == ["github parked until 14:03: github asks for 47 min"]
    assert second == []


def test_a_source_that_fails_is_told_while_others_go_on() -> None:
    broken = group(name="gitlab", state=State.FAILED, reason="no route")

    assert AttentionAlerts().see(deck(group(state=State.RUNNING), broken, state=State.RUNNING), 0.0) == [
        "gitlab failed: no route"
    ]


@pytest.mark.parametrize("kind", ["401", "403"])
def test_a_refused_credential_needs_a_login(kind: str) -> None:
    broken = group(state=State.FAILED, reason="refused")
    found = replace(deck(broken, state=State.RUNNING), failures=(failure(kind),))

    assert AttentionAlerts().see(found, 0.0) == ["github needs a login: refused"]


def test_requests_that_never_come_back_are_a_stall_told_once_until_something_moves() -> None:
    lookout = AttentionAlerts()
    assert lookout.see(running(), 0.0) == []
    assert lookout.see(running(), STILL - 1) == []
    assert lookout.see(running(), STILL) == ["stalled: nothing has come back for 120 s"]
    assert lookout.see(running(), STILL + 9) == []

    assert lookout.see(running(done=1205), STILL + 10) == []

    assert len(lookout.see(running(done=1205), 2 * STILL + 10)) == 1


def test_waiting_for_a_limit_is_no_stall() -> None:
    lookout = AttentionAlerts()
    idle = running(lanes=(lane(in_flight=0),))
    lookout.see(idle, 0.0)

    assert lookout.see(idle, 10 * STILL) == []


def test_the_title_is_the_state() -> None:
    assert title(running()) == "fetchdeck: running"


@pytest.mark.parametrize("make", [osc.title, osc.notification])
def test_what_is_said_to_the_terminal_ends_where_it_should(make: object) -> None:
    said = make("a\x1b\\\x07\x9c\u202eé\x1b]52;c;x\x07")  # type: ignore[operator]  # one of the two above

    assert said.startswith("\x1b]")
    assert said.endswith("\x1b\\")
    assert all(" " <= letter <= "~" for letter in said[2:-2])


@pytest.mark.parametrize(
    ("kind", "moves", "old", "speaks"),
    [
        ("xterm-256color", True, False, True),
        ("tmux-256color", True, False, True),
        ("linux", True, True, False),
        ("vt100", True, True, False),
        ("dumb", False, False, False),
        ("unknown", False, False, False),
        ("", False, False, False),
    ],
)
def test_terminals_are_known_by_their_names(kind: str, moves: bool, old: bool, speaks: bool) -> None:
    environ = {"TERM": kind}

    assert (moves_cursor(environ), is_old(environ), takes_osc(environ)) == (moves, old, speaks)


@pytest.mark.parametrize(
    ("environ", "encoding", "plain"),
    [
        ({"LANG": "de_DE.UTF-8"}, "UTF-8", False),
        ({"LANG": "C.UTF-8"}, "utf8", False),
        ({"LC_ALL": "POSIX"}, "ANSI_X3.4-1968", True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "UTF-8", True),
        ({"LC_CTYPE": "C.UTF-8"}, "UTF-8", True),
        ({"LANG": "de_DE.UTF-8", "LC_CTYPE": "C.UTF-8"}, "UTF-8", False),
        ({"LANG": "de_DE.UTF-8", "TERM": "linux"}, "UTF-8", True),
    ],
)
def test_plain_letters_are_for_terminals_without_others(environ: dict[str, str], encoding: str, plain: bool) -> None:
    assert needed(environ, encoding) is plain

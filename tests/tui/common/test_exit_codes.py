"""What the exit code says of a harvest."""

import signal

import pytest

from engine.model.snapshot import State
from tests.tui.cli_fakes import deck, group
from tui.common.exit_codes import Exit, exit_code

DONE, STOPPED, BROKEN = group(), group(state=State.STOPPED), group(state=State.FAILED)
LOSSY, STOPPED_LOSSY = group(failed=2), group(state=State.STOPPED, failed=2)


@pytest.mark.parametrize(
    ("groups", "interrupted", "code"),
    [
        ([DONE, DONE], False, Exit.COMPLETE),
        ([DONE, LOSSY], False, Exit.FAILED),
        ([DONE, BROKEN], False, Exit.FAILED),
        ([STOPPED, BROKEN], False, Exit.FAILED),
        ([DONE, STOPPED], False, Exit.LIMITED),
        ([STOPPED_LOSSY], False, Exit.LIMITED),
        ([STOPPED], True, Exit.INTERRUPTED),
        ([STOPPED, BROKEN], True, Exit.INTERRUPTED),
        ([group(state=State.RUNNING)], True, Exit.INTERRUPTED),
        ([DONE], True, Exit.COMPLETE),
        ([LOSSY], True, Exit.FAILED),
        ([], False, Exit.COMPLETE),
    ],
)
def test_the_code_follows_from_the_last_snapshot(groups: list, interrupted: bool, code: Exit) -> None:  # type: ignore[type-arg]  # of Group
    assert exit_code(deck(*groups), interrupted=interrupted) is code


def test_an_engine_that_broke_is_no_failed_source() -> None:
    assert exit_code(deck(group(state=State.RUNNING), state=State.FAILED), interrupted=False) is Exit.CRASHED


def test_the_codes_are_the_documented_numbers() -> None:
    assert {code.name: int(code) for code in Exit} == {
        "COMPLETE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "LIMITED": 3,
        "CRASHED": 70,
        "HUNG_UP": 129,
        "INTERRUPTED": 130,
        "TERMINATED": 143,
    }


@pytest.mark.parametrize(
    ("by", "code"),
    [(None, 130), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_a_signal_is_told_by_its_number(by: signal.Signals | None, code: int) -> None:
    assert exit_code(deck(STOPPED), interrupted=True, by=by) == code
    assert exit_code(deck(DONE), interrupted=True, by=by) is Exit.COMPLETE


def test_a_signal_before_anything_was_started_is_told_as_well() -> None:
    assert exit_code(deck(), interrupted=False, by=signal.SIGTERM) is Exit.TERMINATED

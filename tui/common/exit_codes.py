"""The exit codes of fetchdeck. docs/command-line.md has the same table."""

import signal
from enum import IntEnum

from engine.model import completeness
from engine.model.snapshot import DeckState, State
from engine.model.walk import Completeness


class Exit(IntEnum):
    COMPLETE = 0
    FAILED = 1
    """A source failed, some of its items failed for good, or a walk was cut."""
    USAGE = 2
    """The command line, the configuration or the environment is wrong."""
    LIMITED = 3
    """Stopped by `--for` or `--limit` before everything was fetched."""
    CRASHED = 70
    """fetchdeck itself failed; 70 is EX_SOFTWARE of sysexits.h."""
    HUNG_UP = 129
    """Stopped by SIGHUP or a terminal that went away, before everything was fetched: 128 and the signal's number."""
    INTERRUPTED = 130
    """Stopped by Ctrl+C or `q` on the screen, before everything was fetched."""
    TERMINATED = 143
    """Stopped by SIGTERM, before everything was fetched."""


def of_signal(by: signal.Signals | None) -> Exit:
    """Return the exit code of a harvest that was ended by a signal, or by the person."""
    return Exit.INTERRUPTED if by is None else Exit(128 + by)


def exit_code(deck: DeckState, *, interrupted: bool, by: signal.Signals | None = None) -> Exit:
    """Return the exit code of a harvest, from its last snapshot.

    `interrupted` says that the harvest was asked to end early. `by` is the signal that asked; None if the person did.

    A harvest that was stopped early outranks single failed items and cut walks; a source that failed as a whole
    outranks a limit.
    """
    states = {group.state for group in deck.groups}
    unfinished = states - {State.DONE, State.FAILED}
    if deck.state is State.FAILED and State.FAILED not in states:
        return Exit.CRASHED
    if (interrupted and unfinished) or (by is not None and not states):
        return of_signal(by)
    if State.FAILED in states:
        return Exit.FAILED
    if unfinished:
        return Exit.LIMITED
    cut = any(completeness.of_source(group) is Completeness.CUT for group in deck.groups)
    return Exit.FAILED if cut else Exit.COMPLETE

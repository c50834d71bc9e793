"""What the exit code says of a harvest. docs/command-line.md has the same table."""

from enum import IntEnum

from engine.snapshot import Deck, State


class Exit(IntEnum):
    """Exit codes of fetchdeck."""

    COMPLETE = 0
    FAILED = 1
    """A source failed, or some of its items failed for good."""
    USAGE = 2
    """The command line, the configuration or the environment is wrong."""
    LIMITED = 3
    """Stopped by `--for` or `--limit` before everything was fetched."""
    CRASHED = 70
    """fetchdeck itself failed; 70 is EX_SOFTWARE of sysexits.h."""
    INTERRUPTED = 130
    """Stopped by Ctrl+C, a signal, or `q` on the screen, before everything was fetched."""


def exit_code(deck: Deck, *, interrupted: bool) -> Exit:
    """Judge a harvest by its last snapshot; `interrupted` says that the person asked it to end early.

    What stopped a harvest before its end weighs more than single items that failed on the way; a source that
    failed as a whole weighs more than a limit.
    """
    states = {group.state for group in deck.groups}
    unfinished = states - {State.DONE, State.FAILED}
    if deck.state is State.FAILED and State.FAILED not in states:
        return Exit.CRASHED
    if interrupted and unfinished:
        return Exit.INTERRUPTED
    if State.FAILED in states:
        return Exit.FAILED
    if unfinished:
        return Exit.LIMITED
    return Exit.FAILED if any(group.failed for group in deck.groups) else Exit.COMPLETE

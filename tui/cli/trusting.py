"""Asks on a terminal, once, whether a configuration may act; elsewhere refuses and names the command that allows it."""

import shlex
import sys
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from engine.common.errors import UsageError
from engine.common.paths import config_folder, tilde, trusted_file
from engine.common.text import clean
from engine.config.settings import SourceSettings
from engine.config.trust import Act, Trust
from tui.wiring.acts import Sent, acts_of
from tui.wiring.builder import Wiring

SHOWN: Final = 3
"""Acts that a refusal names."""


def trust() -> Trust:
    """Return what this person has allowed."""
    return Trust(trusted_file(), config_folder())


def acts(wiring: Wiring) -> Sequence[Act]:
    """Return everything that acts in the configuration of a command."""
    return acts_of(wiring.settings, lambda source: _sent(wiring, source))


def require_trust(wiring: Wiring, *, given: bool = False, ask: Callable[[str], str] | None = None) -> None:
    """Refuse a configuration that acts and may not.

    Args:
        wiring: of the command.
        given: `--trust` was said.
        ask: shows a question and returns the answer; None where nobody is there to answer.

    Raises:
        UsageError: it may not act.
    """
    file = wiring.settings.origin.file
    if given or not wiring.settings.exists or trust().is_own(file):
        return
    found = acts(wiring)
    if trust().may_act(file, found):
        return
    if ask is not None and _says_yes(ask, wiring, found):
        allow(wiring)
        return
    said = "; ".join(f"{act.key} {act.does}" for act in found[:SHOWN])
    more = f"; and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    raise UsageError(
        f"{tilde(file)} is not trusted, and it acts: {said}{more}. Look at it, then run"
        f" `fetchdeck trust {shlex.quote(str(file))}`, or say --trust for this time"
    )


def allow(wiring: Wiring) -> None:
    """Let a configuration act from now on.

    Raises:
        UsageError: that cannot be kept.
    """
    if trust().is_own(wiring.settings.origin.file):
        return
    try:
        trust().allow(wiring.settings.origin.file, acts(wiring))
    except OSError as error:
        raise UsageError(f"cannot keep what is trusted in {tilde(trusted_file())}: {error.strerror}") from error


def asker(reads: TextIO, writes: TextIO) -> Callable[[str], str] | None:
    """Return what asks a person; None where no person is there."""
    if not (reads.isatty() and writes.isatty()):
        return None

    def ask(question: str) -> str:
        writes.write(question)
        writes.flush()
        return reads.readline()

    return ask


def person() -> Callable[[str], str] | None:
    """Return what asks the person at this terminal; None where there is none."""
    return asker(sys.stdin, sys.stderr)


def _says_yes(ask: Callable[[str], str], wiring: Wiring, found: Sequence[Act]) -> bool:
    lines = [f"  {act.key} {act.does}" for act in found]
    file = tilde(wiring.settings.origin.file)
    question = "\n".join([f"{clean(file, 200)} is not trusted yet, and it acts:", *lines, "Trust it? [y/N] "])
    return ask(question).strip().lower() in {"y", "yes"}


def _sent(wiring: Wiring, source: SourceSettings) -> Sent | None:
    configured = wiring.prepare(source.name)
    if configured.credential is None:
        return None
    places = [configured.credential.place, *(one.place for one in configured.further.values())]
    return Sent(place=" and ".join(places), default=wiring.default_address(source.name))

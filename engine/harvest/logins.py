"""Waits for a credential that is accepted: the source is held, and goes on by itself when there is one.

Nothing waits in a task of its own. The group's tick, once a second, asks whether a look is due.
"""

import logging
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any, Final

from engine.common.errors import FetchdeckError, blame
from engine.harvest.outside_waits import OutsideWaits
from engine.model.credentials import CredentialProvider, Looks
from engine.model.outside_wait import Cause

log: Final = logging.getLogger(__name__)


class Login(Enum):
    """What a refused credential means for the request that carried it."""

    AWAITED = "awaited"
    """The source waits for another one."""
    NEVER = "never"
    """No other one can come while the process runs."""
    NOT_FOR_THIS = "not for this"
    """Others are answered with it, so the refusal concerns this request."""


class Logins:
    """The logins that one source needs. It belongs to the engine's event loop.

    Args:
        outside: holds the source.
        now: monotonic seconds.
        landed: returns how many answers are on disk: one more shows that a credential was accepted.
        run: runs a look in a task that the source's run waits for.
    """

    def __init__(
        self,
        *,
        outside: OutsideWaits,
        now: Callable[[], float],
        landed: Callable[[], int],
        run: Callable[[Coroutine[Any, Any, None]], None],
    ) -> None:
        self._outside = outside
        self._now = now
        self._landed = landed
        self._run = run
        self._provider: CredentialProvider | None = None
        """The one that is asked; None while no login is needed."""
        self._words = ""
        self._looked = 0
        """Looks since an answer landed."""
        self._landed_before = -1
        self._since: float | None = None
        """When the wait began, in seconds since the epoch. It goes on where a new credential is refused as well."""
        self._due: float | None = None
        """When the next look is due; None while it is under way, and where only a person can want it."""
        self._looking = False
        self._trials = 0
        """How often the source has gone on after a wait."""
        self._landed_at_trial = -1
        """How many answers were on disk the last time."""
        self._refused: dict[int, int] = {}
        """By request, how many trials there had been when it was refused first."""
        self._proved = 0
        """The last trial in which an answer landed."""

    @property
    def waits(self) -> bool:
        """Whether a login is needed."""
        return self._provider is not None

    def needed(self, provider: CredentialProvider | None, request: int, words: str) -> Login:
        """Hold the source until there is another credential.

        Args:
            provider: hands out the credential that was refused, or that could not be got.
            request: the id of the request that was refused.
            words: what was said of it, clean.
        """
        looks = provider.looks if provider else None
        if provider is None or looks is None:
            return Login.NEVER
        landed = self._landed()
        if self._trials and landed > self._landed_at_trial:
            self._proved = self._trials
        if self._refused.setdefault(request, self._trials) < self._proved:
            return Login.NOT_FOR_THIS
        if self._provider is None:
            if landed != self._landed_before:  # a credential was accepted since, so this is another wait
                self._landed_before, self._looked, self._since = landed, 0, None
            self._provider, self._words = provider, words
            self._wait(looks)
        return Login.AWAITED

    def tick(self) -> None:
        """Look if it is time."""
        if self._due is not None and self._now() >= self._due:
            self.look_now()

    def look_now(self) -> None:
        """Look for another credential, because it is time or a person wants it."""
        if self._provider is not None and not self._looking:
            self._looking, self._due = True, None
            self._run(self._look(self._provider))

    async def _look(self, provider: CredentialProvider) -> None:
        self._looked += 1
        try:
            found = await provider.look_again()
        except FetchdeckError as error:
            found, self._words = False, blame(error)
        finally:
            self._looking = False
        if found or self._may_try_again():
            self._provider = None
            self._trials, self._landed_at_trial = self._trials + 1, self._landed()
            self._outside.let_go(Cause.LOGIN_NEEDED)
            return
        looks = provider.looks
        assert looks is not None, "it was looked at because it has another one now and then"
        self._wait(looks)

    def _may_try_again(self) -> bool:
        """Whether the same credential is tried once more: if it was accepted before, others may still be answered."""
        return 0 < self._landed() != self._landed_at_trial

    def _wait(self, looks: Looks) -> None:
        pauses = looks.pauses
        pause = pauses[min(self._looked, len(pauses) - 1)] if pauses else None
        self._due = None if pause is None else self._now() + pause
        words = f"{self._words}; {_how(looks)}"
        self._since = self._outside.hold(Cause.LOGIN_NEEDED, words, next_in=pause, since=self._since).since


def _how(looks: Looks) -> str:
    return f"{looks.place} is looked at again" if looks.pauses else f"{looks.place} is asked again by the key i"

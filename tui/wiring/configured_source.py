"""A source with its settings and its secret, checked and ready to be wired."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import inf
from typing import Final

from engine.common.errors import ConfigError
from engine.common.extras import YTDLP
from engine.common.text import suggestion
from engine.config.credentials import Credential, missing_credential, missing_further
from engine.config.settings import SourceSettings
from engine.config.tables import Allowance
from engine.model.credentials import Credentials, Looks, SecretPlace, placed
from engine.model.source import Memory, RateBudget, Source
from engine.model.ytdlp import UsesYtDlp

SHARED: Final = "rate"
"""The name of a budget that several lanes share."""


def budgets_with(
    settings: SourceSettings, budgets: Sequence[RateBudget], known: Iterable[str] = ()
) -> Sequence[RateBudget]:
    """Replace a source's budgets by the setting `rate`: one budget for all lanes together, or one for each named lane.

    Args:
        settings: the settings of the source.
        budgets: the source's own budgets.
        known: lanes that may be named although the source does not use them now, as GitHub's `graphql` without a token.

    Raises:
        ConfigError: the source does not have a named lane.
    """
    allowances = settings.common.allowances()
    if not allowances:
        return budgets
    lanes: dict[str, list[RateBudget]] = {}
    for budget in budgets or [RateBudget()]:
        lanes.setdefault(budget.resource, []).append(budget)
    there = {*lanes, *known}
    for lane in allowances:
        if lane and lane not in there:
            raise ConfigError(f"{settings.key(('rate', lane))}: there is no such lane: {suggestion(lane, there)}")
    return [budget for lane, mine in lanes.items() for budget in _lane(lane, mine, allowances, alone=len(lanes) == 1)]


def _lane(
    lane: str, mine: Sequence[RateBudget], allowances: Mapping[str, Allowance], *, alone: bool
) -> Sequence[RateBudget]:
    allowance = allowances.get("") or allowances.get(lane)
    if allowance is None:
        return mine
    requests, per = allowance
    concurrency = min(budget.concurrency for budget in mine)
    own = replace(
        mine[0],
        requests=requests,
        per=per,
        concurrency=concurrency,
        shared=SHARED if "" in allowances and not alone else "",
        cpu_seconds=None,
        unchanged_free=any(budget.unchanged_free for budget in mine),
    )
    # A budget of the server's CPU time is no request rate, so `rate` does not replace it.
    return [own, *(replace(budget, requests=None) for budget in mine if budget.cpu_seconds is not None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredSource:
    """A source created from its settings, and where its secret is."""

    source: Source
    settings: SourceSettings
    credential: Credential | None = field(repr=False)
    further: Mapping[str, Credential] = field(default_factory=dict, repr=False)
    """Where its further secrets are, by the key that names the place."""
    missing: Sequence[SecretPlace] = ()
    """The places of further secrets that hold none."""
    note: str = ""
    """What the source does differently without a secret; "" if nothing."""

    def check(self, now: float) -> None:
        """Detect what would stop the source at its first request: a missing secret, or options that name nothing.

        Raises:
            UsageError: it says how to fix it.
        """
        auth = self.source.auth
        if auth is not None and auth.required and self.credential is None:
            raise ConfigError(missing_credential(self.settings, auth))
        if self.credential is not None and self.missing:
            raise ConfigError(missing_further(self.settings, self.missing[0]))
        if isinstance(self.source, UsesYtDlp):
            YTDLP.require()
        memory = Memory(started=datetime.fromtimestamp(now, UTC))
        next(iter(self.source.seed(memory)), None)

    def looks(self) -> Looks | None:
        """Return when the places of its secrets are looked at again after a refusal; None if none of them can change.

        All are read together, so the one that is asked most rarely sets the times.
        """
        places = [self.credential, *self.further.values()] if self.credential else []
        found = [Looks(place=one.place, pauses=one.pauses) for one in places if one.pauses is not None]
        return max(found, key=lambda one: one.pauses[:1] or (inf,), default=None)

    def read_credentials(self) -> Credentials | None:
        """Read the secrets and put them where requests carry them; None for a source without a secret.

        Raises:
            ConfigError: a secret cannot be read.
        """
        auth = self.source.auth
        if auth is None or self.credential is None:
            return None
        also = {key: place.read() for key, place in self.further.items()}
        return placed(auth, self.credential.read(), also)

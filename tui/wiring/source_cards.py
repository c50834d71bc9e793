"""What the picker and `fetchdeck sources` show about a source before it runs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.common.errors import UsageError
from engine.common.text import clean, counted
from engine.config.tables import format_duration
from engine.model.capabilities import Estimator
from engine.model.source import Auth, RateBudget
from engine.model.source_card import SourceCard
from engine.pacing.cost_plan import Cost, costs
from engine.storage.history import recall
from tui.wiring.builder import Wiring
from tui.wiring.configured_source import ConfiguredSource

if TYPE_CHECKING:
    from engine.storage.history import SourceHistory


def requests_of(cost: Cost) -> str:
    """Return how many requests a budget pays for, as "12 to 30 requests"."""
    low, high = cost.requests_low, cost.requests_high
    if high is None:
        return f"{low:,} or more requests"
    if low == high:
        return counted(low, "request")
    return f"{low:,} to {max(low, high):,} requests"


def time_of(cost: Cost) -> str:
    """Return how long they take, as "8m to 23m", "2h or more", "time unknown"."""
    low, high = cost.seconds_low, cost.seconds_high
    if high is None:
        return "time unknown" if not (cost.timed or low) else f"{format_duration(low)} or more"
    return format_duration(low) if low == high else f"{format_duration(low)} to {format_duration(max(low, high))}"


def naive_of(cost: Cost) -> str:
    """Return how many requests a client without any optimization would send, and how long that takes."""
    time = f", {format_duration(cost.naive_seconds)}" if cost.timed or cost.naive_seconds else ""
    return f"{cost.naive_requests:,}{time}{' or more' if cost.naive_open else ''}"


def card(wiring: Wiring, name: str, history: "Mapping[str, SourceHistory]", now: float) -> SourceCard:
    """Return the card of a source. Invalid settings become its problem; nothing is raised."""
    past = history.get(name)
    try:
        configured = wiring.prepare(name)
    except UsageError as error:
        return _broken(name, str(error), past, now)
    source = configured.source
    problem = _problem(configured, now)
    return SourceCard(
        name=name,
        summary=clean(source.summary),
        terms=clean(source.terms, 400),
        limits=limits(source.budgets),
        ready=not problem,
        problem=problem,
        access=access(configured),
        last_run=last_run(past, now),
        resumable=past.resumable if past else 0,
        rows=sum(past.rows.values()) if past else None,
        cost="" if problem else cost(wiring, configured, now),
    )


def cost(wiring: Wiring, configured: ConfiguredSource, now: float) -> str:
    """Return what the next run would request, from what is remembered; no request is sent."""
    source = configured.source
    if not isinstance(source, Estimator):
        return ""
    try:
        with recall(wiring.database, source, now=now, full=wiring.run_options.full) as recalled:
            if source.probes(recalled.memory):
                return f"not known without asking: fetchdeck plan {source.name}"
            estimates = source.estimate(recalled.memory, {})
    except UsageError:
        return ""
    found = costs(estimates, source.budgets, recalled.quotas, wiring.tuning(configured).workers)
    return "; ".join(f"{one.resource} {requests_of(one)}, {time_of(one)} (plain {naive_of(one)})" for one in found)


def access(configured: ConfiguredSource) -> str:
    """Return where a source's secret is found, never its value."""
    auth: Auth | None = configured.source.auth
    if auth is None:
        return "no token needed"
    if configured.credential is not None:
        return f"token from {clean(configured.credential.place, 80)}"
    names = configured.settings.common.token_env or " or ".join(auth.env)
    missing = f"{'token missing' if auth.required else 'no token'} ({clean(names, 120)})"
    return f"{missing}: {clean(configured.note, 200)}" if configured.note else missing


def limits(budgets: Sequence[RateBudget]) -> str:
    """Return what is known about the limits before the first response."""
    limited = {budget.resource for budget in budgets if budget.requests is not None}
    listed = [budget for budget in budgets if budget.requests is not None or budget.resource not in limited]
    return "; ".join(map(_limit, listed)) or "unknown until the first answer"


def last_run(past: "SourceHistory | None", now: float) -> str:
    """Return when a source last ran, and how that run ended."""
    if past is None:
        return "never"
    from humanize import naturaltime  # noqa: PLC0415 -- only needed after an earlier run

    cut = f", {counted(past.cut, 'walk')} cut" if past.cut else ""
    return f"{naturaltime(max(now - past.last_started, 0.0))}, {past.last_state}{cut}"


def _limit(budget: RateBudget) -> str:
    prefix = "" if budget.resource == "core" else f"{budget.resource}: "
    if budget.requests is None:
        return f"{prefix}as the headers say, at most {budget.concurrency} at once"
    units = {1.0: "second", 60.0: "minute", 3600.0: "hour", 86_400.0: "day"}
    span = units.get(budget.per, f"{budget.per:g} s")
    together = " for all lanes together" if budget.shared else ""
    return f"{prefix}{budget.requests:,} per {span}{together}, at most {budget.concurrency} at once"


def _problem(configured: ConfiguredSource, now: float) -> str:
    try:
        configured.check(now)
    except UsageError as error:
        return str(error).removeprefix(f"{configured.source.name}: ")
    return ""


def _broken(name: str, problem: str, past: "SourceHistory | None", now: float) -> SourceCard:
    return SourceCard(
        name=name,
        summary="",
        terms="",
        limits="unknown",
        ready=False,
        problem=problem,
        access="unknown",
        last_run=last_run(past, now),
        resumable=past.resumable if past else 0,
        rows=sum(past.rows.values()) if past else None,
    )

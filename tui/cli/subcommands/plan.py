"""`fetchdeck plan`: estimates the requests, the cost and the duration of a harvest, without harvesting."""

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from engine.common.errors import BadBody, TransportError
from engine.common.text import clean
from engine.model.capabilities import Estimator
from engine.model.source import RateBudget, Request
from engine.pacing.cost_plan import Cost, costs
from engine.storage.history import recall
from engine.transport.base import Transport
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.wiring.builder import Wiring, chosen
from tui.wiring.configured_source import ConfiguredSource
from tui.wiring.source_cards import naive_of, requests_of, time_of

ANSWER_WITHIN = 10.0
"""Seconds after which a probe of the estimate is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The cost of one source's next run."""

    costs: Sequence[Cost]
    asked: int = 0
    """Requests that the estimate itself sent."""
    left: int = 0
    """Open requests of an unfinished run, which the next run resumes instead of starting anew."""
    problem: str = ""
    """Why the estimate is less exact than it could be."""


def run(arguments: argparse.Namespace) -> int:
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    plans = {name: plan_of(wiring, name) for name in chosen(arguments.sources, wiring.settings)}
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(plans).decode() + "\n")
    else:
        sys.stdout.write("\n".join(text(name, plan) for name, plan in plans.items()))
    return Exit.COMPLETE


def plan_of(wiring: Wiring, name: str) -> Plan:
    """Estimate the next run of one source. If its API does not answer, the estimate uses what is remembered.

    Raises:
        UsageError: the settings are invalid, or the database cannot be read.
    """
    configured = wiring.prepare(name)
    source = configured.source
    if not isinstance(source, Estimator):
        return Plan(costs=(), problem=f"{name} cannot tell the cost of a run before it begins")
    with recall(wiring.database, source, now=time.time(), full=wiring.run_options.full) as recalled:
        probes = source.probes(recalled.memory)
        answers, problem = (
            _ask(configured, probes, wiring.transport(configured, timeout=ANSWER_WITHIN)) if probes else ({}, "")
        )
        estimates = source.estimate(recalled.memory, answers)
    budgets = [*source.budgets, *_spaced(source.budgets, wiring.tuning(configured).spacing)]
    return Plan(
        costs=costs(estimates, budgets, recalled.quotas, wiring.tuning(configured).workers),
        asked=len(probes),
        left=recalled.left,
        problem=problem,
    )


def _spaced(budgets: Sequence[RateBudget], spacing: float) -> Sequence[RateBudget]:
    """Return the person's `spacing` as budgets: one request in so many seconds, in each lane."""
    if spacing <= 0:
        return ()
    return [replace(one, requests=1, per=spacing, shared="") for one in budgets or [RateBudget()]]


def text(name: str, plan: Plan) -> str:
    """Write a plan as text."""
    width = max([8, *(len(cost.resource) for cost in plan.costs)])
    lines = [name]
    for cost in plan.costs:
        lines.append(f"  {cost.resource:<{width}} {requests_of(cost)}, {time_of(cost)} ({'; '.join(cost.limits)})")
        details = [f"a plain client: {naive_of(cost)}", *map(clean, cost.why)]
        lines += [f"  {'':<{width}} {line}" for line in details]
    if plan.left:
        lines.append(f"  {'left':<{width}} {plan.left:,} of the unfinished run, which the next one goes on with;")
        lines.append(f"  {'':<{width}} the numbers above are those of a new run")
    if plan.asked:
        lines.append(f"  {'asked':<{width}} {plan.asked:,} for this estimate")
    if plan.problem:
        lines.append(f"  {'note':<{width}} {clean(plan.problem)}")
    return "\n".join(lines) + "\n"


def _ask(
    configured: ConfiguredSource, probes: Sequence[Request], transport: Transport
) -> tuple[Mapping[str, int], str]:
    return asyncio.run(_probe(configured, probes, transport))


async def _probe(
    configured: ConfiguredSource, probes: Sequence[Request], transport: Transport
) -> tuple[Mapping[str, int], str]:
    source = configured.source
    assert isinstance(source, Estimator)
    known: dict[str, int] = {}
    problem = ""
    try:
        for request in probes:
            try:
                response = await transport.send(request, {})
                if response.status == 200:
                    known |= source.learn(request, response)
                else:
                    problem = f"{request.url} answers {response.status}: the estimate goes by what is remembered"
            except (TransportError, BadBody) as error:
                problem = f"{error}: the estimate goes by what is remembered"
    finally:
        await transport.close()
    return known, problem

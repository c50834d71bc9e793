"""Plays `fetchdeck plan` over a driver's memory: the probes, then the estimate."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from engine.model.capabilities import Estimate, Estimator
from tests.sources.driver import STARTED, Driver

LATER = STARTED + timedelta(days=1)


def planned(driver: Driver, at: datetime = LATER, *, full: bool = False) -> list[Estimate]:
    source = driver.source
    assert isinstance(source, Estimator)
    memory = driver.remember(at, full=full)
    known: dict[str, int] = {}
    for probe in source.probes(memory):
        known |= source.learn(probe, driver.answer(probe))
    return list(source.estimate(memory, known))


def probed(driver: Driver) -> int:
    assert isinstance(driver.source, Estimator)
    return len(driver.source.probes(driver.remember(LATER, full=False)))


def within(estimates: Sequence[Estimate], resource: str) -> tuple[int, int | None]:
    """Sum a resource's ends up: at least, and at most where that is known."""
    mine = [each for each in estimates if each.resource == resource]
    highs = [each.requests_high for each in mine if each.requests_high is not None]
    return sum(each.requests_low for each in mine), sum(highs) if len(highs) == len(mine) else None


def naive(estimates: Sequence[Estimate], resource: str) -> int:
    return sum(each.naive_requests for each in estimates if each.resource == resource)


def asked(driver: Driver, resource: str) -> int:
    return sum(each.resource == resource for each in driver.sent)

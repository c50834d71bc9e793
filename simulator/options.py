"""Turns the command's options into a configuration."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from simulator.common.settings import ApiConfig, Budget, FaultRule
from simulator.config import SimulatorConfig, preset

MAX_PORT = 65535

_BUDGET = re.compile(r"(?P<api>[\w-]+)=(?P<requests>\d+)/(?P<time>\d+(\.\d+)?)(?P<unit>ms|s|m|h)?")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}


class OptionError(ValueError):
    """An invalid option; the message names it and says what would be valid."""


def configure(args: argparse.Namespace) -> SimulatorConfig:
    """Turn parsed options into a configuration.

    Raises:
        OptionError: an option is invalid.
    """
    if not 0 <= args.port <= MAX_PORT:
        raise OptionError(f"--port {args.port}: a port lies between 0 and {MAX_PORT}")
    names = [name.strip() for name in args.api.split(",")] if args.api else None
    try:
        config = preset(args.preset, apis=names, seed=args.seed, year=args.year)
    except KeyError as error:
        raise OptionError(f"--api {args.api}: {error.args[0]}") from None
    for option in ("latency", "workers", "fault"):
        for text in getattr(args, option):
            config = _each(config, option, text)
    for text in args.budget:
        config = _with_budget(config, text)
    return _with_sizes(config, items=args.items, repos=args.repos)


def _each(config: SimulatorConfig, option: str, text: str) -> SimulatorConfig:
    """Apply "[API:]VALUE" to one API or to all."""
    scope, colon, value = text.rpartition(":")
    try:
        for api in [config.api(scope)] if colon else config.apis:
            config = config.with_api(_CHANGES[option](api, value))
    except (KeyError, ValueError) as error:
        raise OptionError(f"--{option} {text}: {error.args[0]}") from None
    return config


def _latency(api: ApiConfig, value: str) -> ApiConfig:
    capacity = replace(api.capacity, latency=float(value) / 1000)
    return replace(api, capacity=capacity, steps=())


def _workers(api: ApiConfig, value: str) -> ApiConfig:
    return replace(api, capacity=replace(api.capacity, workers=int(value) or None), steps=())


def _fault(api: ApiConfig, value: str) -> ApiConfig:
    name, _, rate = value.partition("=")
    return replace(api, faults=(*api.faults, FaultRule(fault=name, rate=float(rate or 1))))


_CHANGES = {"latency": _latency, "workers": _workers, "fault": _fault}


def _with_budget(config: SimulatorConfig, text: str) -> SimulatorConfig:
    match = _BUDGET.fullmatch(text)
    if match is None:
        raise OptionError(f"--budget {text}: write API=REQUESTS/TIME, such as github=300/15s")
    try:
        api = config.api(match["api"])
        old = api.limits.budget
        seconds = float(match["time"]) * _UNITS[match["unit"]]
        budget = Budget(int(match["requests"]), seconds, old.kind if old else "fixed")
    except (KeyError, ValueError) as error:
        raise OptionError(f"--budget {text}: {error.args[0]}") from None
    return config.with_api(replace(api, limits=replace(api.limits, budget=budget, anonymous=None)))


def _with_sizes(config: SimulatorConfig, **wanted: int | None) -> SimulatorConfig:
    """Set sizes at every API that has them."""
    for name, value in wanted.items():
        if value is None:
            continue
        if value < 0:
            raise OptionError(f"--{name} {value}: it is never below 0")
        for api in _having(config, name):
            sizes: Any = api.sizes
            config = config.with_api(replace(api, sizes=replace(sizes, **{name: value})))
    return config


def _having(config: SimulatorConfig, name: str) -> Iterator[ApiConfig]:
    return (api for api in config.apis if name in {field.name for field in fields(api.sizes)})

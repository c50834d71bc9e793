"""How the words behind an option are read: each reader returns the value, or says what it wants instead."""

import argparse
from collections.abc import Callable
from typing import Final

from engine.common.errors import ConfigError
from engine.durations import parse_duration
from engine.pacing.concurrency.policies import parse_policy

MOST_WORKERS: Final = 1000


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Make a reader of whole numbers within bounds."""
    bounds = f"of at least {low}" if high is None else f"from {low} to {high}"

    def read(text: str) -> int:
        plain = text.isascii() and text.isdigit() and len(text) < 19
        if not plain or int(text) < low or (high is not None and int(text) > high):
            raise argparse.ArgumentTypeError(f'got "{text}", want a whole number {bounds}')
        return int(text)

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """Make a reader of numbers within bounds."""

    def read(text: str) -> float:
        try:
            found = float(text)
        except ValueError:
            found = float("nan")
        if not low <= found <= high:
            raise argparse.ArgumentTypeError(f'got "{text}", want a number from {low:g} to {high:g}')
        return found

    return read


def duration(text: str) -> float:
    """Read a duration, in seconds."""
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def policy(text: str) -> str:
    """Read the name of a policy."""
    try:
        parse_policy(text, cap=MOST_WORKERS)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text

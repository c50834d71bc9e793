"""The faults that fetchdeck is held to, from matrix.toml beside this file."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

NIGHT: Final = "tests/night"
"""Tests that take an hour: the table names them, and `make night` runs them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of the table."""

    number: int
    what: str
    promise: str
    tests: tuple[str, ...] = ()
    """Tests, files or folders; none for a row that comes later."""


def _read() -> tuple[Fault, ...]:
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["fault"]
    return tuple(Fault(**{**row, "tests": tuple(row.get("tests", ()))}) for row in rows)


FAULTS: Final = _read()

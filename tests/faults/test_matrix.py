"""The table of faults names tests that exist, and every row has one, or comes later."""

import ast
from pathlib import Path

import pytest

from tests.faults.matrix import FAULTS, Fault

ROOT = Path(__file__).parents[2]
LATER = {43, 44, 45}


def named_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.number))
def test_every_test_that_a_row_names_is_there(fault: Fault) -> None:
    assert bool(fault.tests) == (fault.number not in LATER)
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).exists(), test
        assert not name or name in named_in(ROOT / file), test


def test_no_row_is_missing() -> None:
    assert [fault.number for fault in FAULTS] == [*range(1, 48), *range(101, 118)]

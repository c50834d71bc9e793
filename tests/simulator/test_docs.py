import argparse
from pathlib import Path

from simulator.command import add_arguments
from simulator.common.settings import FAULTS
from simulator.process import CHILD
from simulator.shapes.catalog import SHAPES

DOCS = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")


def test_every_fault_is_documented() -> None:
    assert [fault for fault in FAULTS if f"`{fault}`" not in DOCS] == []


def test_every_option_is_documented() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    add_arguments(parser)
    options = [option for action in parser._actions for option in action.option_strings if option != CHILD]

    assert [option for option in options if f"`{option}" not in DOCS] == []


def test_every_shape_is_documented_by_what_it_is_like() -> None:
    assert [name for name, shape in SHAPES.items() if f"| `{name}` | {shape.like} |" not in DOCS] == []

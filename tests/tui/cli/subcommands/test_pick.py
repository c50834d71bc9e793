"""`fetchdeck` without a command: the way from the picker to the form of `init` and back."""

import argparse
from typing import Any

import pytest

from tui.cli.arguments import parse_arguments
from tui.cli.subcommands import init, pick
from tui.session import Output


def test_the_form_that_the_picker_opens_gets_every_option_that_init_has(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[argparse.Namespace] = []
    opened: list[object] = []

    def harvest(_wiring: object, *, set_up: Any, **_: object) -> int:
        opened.append(set_up)
        if len(opened) == 1:
            set_up()
        return 0

    monkeypatch.setattr(pick, "harvest", harvest)
    monkeypatch.setattr(pick, "wiring_for", lambda _: None)
    monkeypatch.setattr(Output, "of", lambda _: argparse.Namespace(headless=False))
    monkeypatch.setattr(init, "run", given.append)
    arguments = parse_arguments(["--config", "mine.toml", "--db", "mine.db"])

    assert pick.run(arguments) == 0

    (form,) = given
    assert set(vars(parse_arguments(["init"]))) <= set(vars(form))
    assert (str(form.config), form.db, form.settings, form.wanted) == ("mine.toml", None, [], [])

"""The screen as pictures: any change of looks shows up here, and in the README's picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.screen.readme_picture import export, main
from tests.tui import fakes
from tests.tui.screens.init.test_form import Sitting

SMALL, LARGE, HUGE = (80, 24), (120, 40), (200, 60)

PICTURES: dict[str, tuple[list[str], list[tuple[int, int]]]] = {
    "dashboard": ([], [SMALL, LARGE, HUGE]),
    "focus": (["2", "enter"], [SMALL, LARGE, HUGE]),
    "decisions": (["enter", "d", "n"], [SMALL, LARGE]),
    "settings": (["enter", "s", "j", "j"], [SMALL, LARGE]),
    "log": (["slash", *"gone", "enter", "z"], [SMALL, LARGE]),
    "triage": (["e", "e"], [SMALL, HUGE]),
    "requests": (["e", "e", "enter"], [SMALL, LARGE]),
    "request": (["e", "e", "enter", "enter"], [SMALL]),
    "quarantine": (["e", "e", "U"], [SMALL, LARGE]),
    "coverage": (["C", "o", "j"], [SMALL]),
    "changes": (["h"], [SMALL]),
    "commands": (["colon", *"pa"], [SMALL]),
    "themes": (["T", "j"], [SMALL]),
    "help": (["question_mark"], [SMALL]),
}
"""By screen: the keys that lead to it, and the sizes at which it is laid out differently. One size shows the rest."""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.parametrize(
    ("keys", "size"),
    [pytest.param(keys, size, id=f"{name}-{size}") for name, (keys, sizes) in PICTURES.items() for size in sizes],
)
def test_the_deck_looks_as_it_did(snap_compare: Callable[..., Any], keys: list[str], size: tuple[int, int]) -> None:
    assert snap_compare(fakes.app(), terminal_size=size, press=keys)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=str)
def test_the_picker_looks_as_it_did(snap_compare: Callable[..., Any], size: tuple[int, int]) -> None:
    assert snap_compare(fakes.app(picker=True), terminal_size=size, press=["space", "j", "j"])


def test_the_picture_of_the_readme_is_the_same_every_time(tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"

    export(one)
    assert main([str(other)]) == 0

    assert one.read_bytes() == other.read_bytes()
    assert "github" in one.read_text(encoding="utf-8")


def test_the_picture_needs_a_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize("keys", [["j", "space", "j"], ["j", "space", "w"]], ids=["form", "review"])
def test_the_form_of_init_looks_as_it_did(
    snap_compare: Callable[..., Any],
    keys: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    sitting = Sitting(tmp_path, text='# mine\n[sources.github]\norgs = ["psf"]\n')

    assert snap_compare(sitting.app, terminal_size=SMALL, press=keys)

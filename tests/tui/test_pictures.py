"""The screen as pictures: any change of looks shows up here, and in the README's picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.readme_picture import export, main
from tests.tui import fakes
from tests.tui.screens.init.test_form import Sitting

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "keys",
    [
        *([], ["2", "enter"], ["question_mark"], ["T", "j"], ["slash", *"gone", "enter", "z"]),
        *(["C", "o", "j"], ["h"], ["e", "e", "U"]),
        *(["e", "e"], ["e", "e", "enter"], ["e", "e", "enter", "enter"], ["colon", *"pa"]),
        *(["enter", "d", "n"], ["enter", "s", "j", "j"]),
    ],
    ids=[
        *("dashboard", "focus", "help", "themes", "log", "coverage", "changes", "quarantine"),
        *("triage", "requests", "request", "commands", "decisions", "settings"),
    ],
)
def test_the_deck_looks_as_it_did(snap_compare: Callable[..., Any], size: tuple[int, int], keys: list[str]) -> None:
    assert snap_compare(fakes.app(), terminal_size=size, press=keys)


@pytest.mark.parametrize("size", SIZES, ids=str)
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


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("keys", [["j", "space", "j"], ["j", "space", "w"]], ids=["form", "review"])
def test_the_form_of_init_looks_as_it_did(
    snap_compare: Callable[..., Any],
    size: tuple[int, int],
    keys: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    sitting = Sitting(tmp_path, text='# mine\n[sources.github]\norgs = ["psf"]\n')

    assert snap_compare(sitting.app, terminal_size=size, press=keys)

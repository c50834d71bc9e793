"""Which sources are installed."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from tui.wiring.registry import GROUP, Registry


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


def test_names_are_sorted_and_nothing_is_imported_for_them() -> None:
    registry = Registry([point("zoo", "no.such:Thing"), point("ant", "no.such:Thing")])

    assert registry.names() == ["ant", "zoo"]


def test_a_source_is_imported_when_it_is_asked_for() -> None:
    loaded = Registry([point("github", "sources.github.source:GitHub")]).load("github")

    assert loaded.Options.__module__ == "sources.github.options"


def test_an_unknown_source_leads_to_the_nearest_and_names_all() -> None:
    registry = Registry([point("github", "a:B"), point("pr0gramm", "a:B")])

    with pytest.raises(UsageError) as caught:
        registry.load("gihub")

    assert str(caught.value) == 'there is no source "gihub": did you mean "github"? There are: github, pr0gramm'


def test_a_hostile_name_is_made_visible() -> None:
    with pytest.raises(UsageError) as caught:
        Registry([]).check(["\x1b[31mred"])

    assert "\x1b" not in str(caught.value)


def test_a_source_that_cannot_be_imported_says_so_in_one_line() -> None:
    with pytest.raises(UsageError, match=r"source zoo cannot be loaded \(ModuleNotFoundError: .*\): install it again"):
        Registry([point("zoo", "no.such:Thing")]).load("zoo")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("from engine.source import Source", "No module named 'engine.source'"),
        ("from engine.model.source import Sauce", "cannot import name 'Sauce' from 'engine.model.source' .*"),
    ],
)
def test_a_source_written_for_an_older_fetchdeck_is_to_be_updated(
    line: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zoo_of_old.py").write_text(line)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "zoo_of_old", raising=False)

    with pytest.raises(
        UsageError, match=rf"^source zoo was written for another version of fetchdeck \({why}\): update the source$"
    ):
        Registry([point("zoo", "zoo_of_old:Zoo")]).load("zoo")


def test_without_any_source_the_way_out_is_to_install() -> None:
    with pytest.raises(UsageError, match=r"no source is installed; .*pip install -e \."):
        Registry([]).load("github")


def test_the_shipped_sources_are_installed() -> None:
    assert {"github", "pr0gramm"} <= set(Registry().names())

"""A configuration that is edited while a harvest runs."""

import os
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

import pytest

from bench.screen.sample import deck as sample
from engine.common.errors import ConfigError
from engine.config.settings import Settings, load_settings
from tui.app.config_writer import ConfigWriter
from tui.common.config_watch import EVERY, ConfigWatch
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

BEFORE = '[sources.github]\norgs = ["python"]\nworkers = 5\n'


class Watched:
    """A file, and a watch whose looks happen at once when `passes` says that time has passed."""

    def __init__(self, file: Path, *, write: str | None = BEFORE) -> None:
        self.file = file
        self.now = 0.0
        self.looks = 0
        if write is not None:
            file.write_text(write)
        self.wiring = Wiring(settings=self.load(), registry=Registry(), environ={}, version="0", reload=self.load)
        self.writer = ConfigWriter(file)
        self.watch = ConfigWatch(
            settings=self.wiring.settings,
            reread=self.wiring.reread,
            own=lambda: self.writer.content,
            clock=lambda: sample.NOW,
            ticks=lambda: self.now,
            start=self._start,
        )

    def load(self) -> Settings:
        return load_settings(self.file, overrides=[(("sources", "github", "cap"), 9)])

    def edit(self, text: str) -> None:
        self.file.write_text(text)

    def passes(self, looks: int = 2) -> str | None:
        """Let so many looks happen; return what is new."""
        for _ in range(looks):
            self.now += EVERY
            self.watch.look()
        return self.watch.news()

    def later(self, tick: Callable[[], None]) -> None:
        """Let time pass, and somebody else look."""
        for _ in range(2):
            self.now += EVERY
            tick()

    def says(self) -> str:
        assert self.watch.edit is not None
        return self.watch.edit.describe(UTC)

    def _start(self, look: Callable[[], None]) -> None:
        self.looks += 1
        look()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "config.toml")


def test_a_file_that_nobody_edits_is_looked_at_and_nothing_is_said(watched: Watched) -> None:
    assert [watched.passes() for _ in range(5)] == [None] * 5
    assert watched.looks == 10


def test_a_look_is_taken_from_time_to_time_however_often_it_is_asked_for(watched: Watched) -> None:
    for _ in range(1000):
        watched.now += EVERY / 100
        watched.watch.look()

    assert watched.looks in {9, 10}  # fractions of seconds do not add up to whole ones


def test_what_a_restart_would_change_is_said_once(watched: Watched) -> None:
    watched.passes()
    watched.edit(BEFORE.replace("5", "8"))

    said, again = watched.passes(), watched.passes()

    assert said is not None
    assert said.endswith(": a restart would change sources.github.workers from 5 to 8")
    assert again is None
    assert watched.says().startswith("the configuration was edited at 14:42: ")
    assert watched.wiring.settings.source("github").common.workers == 5


def test_a_file_is_read_when_it_is_no_longer_written_to(watched: Watched) -> None:
    watched.passes()
    watched.edit('[sources.github]\norgs = ["pyth')

    early = watched.passes(looks=1)
    watched.edit(BEFORE.replace("5", "8"))

    assert early is None
    assert "from 5 to 8" in (watched.passes() or "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[sources.github]\nworkers = "many"\n', 'sources.github.workers: got "many", want a whole number'),
        (BEFORE + "wokers = 3\n", 'sources.github.wokers: unknown key, did you mean "workers"?'),
        (BEFORE + "year = 1\n", "sources.github.year: got 1, want a whole number from"),
        ("[sources.gihub]\n", "sources.gihub: "),
        ("[sources", "line 1, column 9: "),
        ('token = "hunter2"\n', "token: "),
    ],
)
def test_a_broken_file_is_told_with_file_and_key_and_the_old_settings_stay(
    watched: Watched, text: str, said: str
) -> None:
    watched.passes()
    watched.edit(text)

    news = watched.passes()

    assert news is not None
    assert f"and is broken, so the old one stays: {watched.file}: {said}" in news
    assert "hunter2" not in news
    assert watched.wiring.settings.source("github").common.workers == 5


def test_a_file_that_is_gone_is_broken(watched: Watched) -> None:
    watched.passes()
    watched.file.unlink()

    assert "so the old one stays: " in (watched.passes() or "")


def test_an_edit_that_is_taken_back_is_told_as_well(watched: Watched) -> None:
    watched.passes()
    watched.edit("[sources")
    watched.passes()
    watched.edit(BEFORE)

    assert watched.passes() == "the configuration is again as it is in force"
    assert watched.watch.edit is None


@pytest.mark.parametrize("text", [BEFORE, f"# a comment\n{BEFORE}", BEFORE.replace("workers = 5", "workers    =   5")])
def test_what_changes_nothing_is_no_edit(watched: Watched, text: str) -> None:
    watched.passes()
    watched.edit(text)
    os.utime(watched.file, (1, 1))

    assert watched.passes() is None


def test_what_the_command_line_overrides_is_no_change(watched: Watched) -> None:
    watched.passes()
    watched.edit(BEFORE + "cap = 4\n")

    assert watched.passes() is None


def test_what_the_program_saves_itself_is_no_edit_and_is_what_an_edit_is_compared_with(watched: Watched) -> None:
    watched.passes()
    watched.writer.save("github", {"workers": 7})

    saved = watched.passes()
    watched.edit(watched.file.read_text().replace("7", "9"))

    assert saved is None
    assert "change sources.github.workers from 7 to 9" in (watched.passes() or "")


def test_an_edit_that_was_there_before_is_not_taken_for_a_save(watched: Watched) -> None:
    watched.passes()
    watched.edit(BEFORE.replace("5", "8"))
    with pytest.raises(ConfigError, match="has changed since it was read"):
        watched.writer.save("github", {"workers": 7})

    assert "from 5 to 8" in (watched.passes() or "")


def test_a_file_that_is_made_meanwhile_is_an_edit(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "config.toml", write=None)
    nothing = watched.passes()
    watched.edit('theme = "midnight"\n')

    assert nothing is None
    assert 'set theme to "midnight"' in (watched.passes() or "")
    watched.file.unlink()
    assert watched.passes() == "the configuration is again as it is in force"


def test_a_source_that_was_broken_before_is_no_edit(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "config.toml", write=BEFORE + "[sources.gitlab]\nno_such_key = 1\n")

    assert watched.passes() is None


def test_a_look_that_fails_in_an_unforeseen_way_is_told_without_values(watched: Watched) -> None:
    watched.passes()
    watched.edit(BEFORE.replace("5", "8"))

    def broken() -> Settings:
        raise RuntimeError("hunter2")

    watched.watch._reread = broken

    news = watched.passes() or ""
    assert "RuntimeError at test_config_watch.py" in news
    assert "hunter2" not in news

"""What stands between the screen and the engine."""

import os
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.common.errors import StoreUnusable, UsageError
from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from engine.harvest.engine_thread import EngineThread
from engine.model.commands import StopNow, Tune
from engine.model.snapshot import GroupState, State
from engine.model.tuning import Tuning
from tui.app import launch
from tui.app.launch import ScreenSession
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

SHIPPED = [
    EntryPoint("github", "sources.github.source:GitHub", GROUP),
    EntryPoint("pr0gramm", "sources.pr0gramm.source:Pr0gramm", GROUP),
]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[ScreenSession]:
    """A stage whose one usable source talks to a port where nobody answers."""
    overrides = [parse_override("pr0gramm.base_url=http://127.0.0.1:9"), parse_override("database=rows.db")]
    settings = load_settings(tmp_path / "config.toml", overrides=overrides)
    stage = ScreenSession(Wiring(settings=settings, registry=Registry(SHIPPED), environ={}, version="0"))
    yield stage
    stage.end()


def test_every_source_has_a_card(stage: ScreenSession) -> None:
    assert [(card.name, card.ready) for card in stage.cards()] == [("github", False), ("pr0gramm", True)]


def test_nothing_started_is_nothing_ended(stage: ScreenSession) -> None:
    ended = stage.end()

    assert ended.deck is None
    assert not ended.interrupted


def test_the_engine_is_started_once(stage: ScreenSession) -> None:
    assert stage.start(["pr0gramm"]) is stage.start(["pr0gramm"])


def test_leaving_a_running_harvest_interrupts_it(stage: ScreenSession) -> None:
    stage.start(["pr0gramm"])

    ended = stage.end()

    assert ended.interrupted
    assert ended.deck is not None


def test_a_screen_that_hangs_does_not_keep_the_engine_running(stage: ScreenSession) -> None:
    engine = stage.start(["pr0gramm"])

    stage.see_end()

    assert engine.wait(0)


def test_a_source_that_cannot_start_is_a_usage_error(stage: ScreenSession) -> None:
    with pytest.raises(UsageError, match="nothing to fetch"):
        stage.start(["github"])

    assert stage.engine is None


def test_a_database_that_is_none_is_found_before_the_screen(stage: ScreenSession, tmp_path: Path) -> None:
    (tmp_path / "rows.db").write_bytes(os.urandom(4096))

    with pytest.raises(StoreUnusable):
        stage.cards()


def test_the_harvest_runs_only_once_the_screen_lets_it(stage: ScreenSession) -> None:
    engine = stage.start(["pr0gramm"])
    assert engine.snapshot().groups[0].reason == "starting"

    stage.go()
    stage.go()

    assert not engine.wait(0.2)
    engine.send(StopNow())
    assert engine.wait(10)


def test_a_part_of_a_source_that_does_not_run_is_listed_and_begun(stage: ScreenSession) -> None:
    assert [(one.key, one.state) for one in stage.parts("pr0gramm")] == [("1-newest", "missing")]
    assert stage.changes().rows == ()
    assert stage.database.endswith("rows.db")

    engine = stage.begin("pr0gramm", ["1-newest"])

    assert engine is stage.engine


def begun(engine: EngineThread) -> GroupState:
    """Wait until the one source of a harvest has begun."""
    for _ in range(1000):
        if engine.snapshot().state is not State.IDLE:
            return engine.snapshot().groups[0]
        engine.wait(0.01)
    pytest.fail("it never began")


def test_a_part_is_filled_by_a_new_harvest_once_the_old_one_has_ended(
    stage: ScreenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "SCREEN_WITHIN", 0.0)
    old = stage.begin("pr0gramm", ["1-newest"])
    with pytest.raises(UsageError, match="still ending"):
        stage.begin("pr0gramm", ["1-newest"])
    begun(old)
    old.send(StopNow())
    assert old.wait(10)
    old.send(Tune("pr0gramm", Tuning(cap=3)))

    new = stage.begin("pr0gramm", ["1-newest"])

    assert new is stage.engine
    assert new is not old
    assert not new.wait(0)
    assert begun(new).tuning.cap == 3


def test_a_part_that_is_not_there_begins_nothing(stage: ScreenSession) -> None:
    with pytest.raises(UsageError, match='no part "x"'):
        stage.begin("pr0gramm", ["x"])

    assert stage.engine is None

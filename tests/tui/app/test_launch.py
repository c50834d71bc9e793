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
def session(tmp_path: Path) -> Iterator[ScreenSession]:
    """A session whose one usable source talks to a port where nobody answers."""
    overrides = [parse_override("pr0gramm.base_url=http://127.0.0.1:9"), parse_override("database=rows.db")]
    settings = load_settings(tmp_path / "config.toml", overrides=overrides)
    session = ScreenSession(Wiring(settings=settings, registry=Registry(SHIPPED), environ={}, version="0"))
    yield session
    session.end()


def test_every_source_has_a_card(session: ScreenSession) -> None:
    assert [(card.name, card.ready) for card in session.cards()] == [("github", False), ("pr0gramm", True)]


def test_nothing_started_is_nothing_ended(session: ScreenSession) -> None:
    ended = session.end()

    assert ended.deck is None
    assert not ended.interrupted


def test_the_engine_is_started_once(session: ScreenSession) -> None:
    assert session.start(["pr0gramm"]) is session.start(["pr0gramm"])


def test_leaving_a_running_harvest_interrupts_it(session: ScreenSession) -> None:
    session.start(["pr0gramm"])

    ended = session.end()

    assert ended.interrupted
    assert ended.deck is not None


def test_a_screen_that_hangs_does_not_keep_the_engine_running(session: ScreenSession) -> None:
    engine = session.start(["pr0gramm"])

    session.see_end()

    assert engine.wait(0)


def test_a_source_that_cannot_start_is_a_usage_error(session: ScreenSession) -> None:
    with pytest.raises(UsageError, match="nothing to fetch"):
        session.start(["github"])

    assert session.engine is None


def test_a_database_that_is_none_is_found_before_the_screen(session: ScreenSession, tmp_path: Path) -> None:
    (tmp_path / "rows.db").write_bytes(os.urandom(4096))

    with pytest.raises(StoreUnusable):
        session.cards()


def test_the_harvest_runs_only_once_the_screen_lets_it(session: ScreenSession) -> None:
    engine = session.start(["pr0gramm"])
    assert engine.snapshot().groups[0].reason == "starting"

    session.go()
    session.go()

    assert not engine.wait(0.2)
    engine.send(StopNow())
    assert engine.wait(10)


def test_a_part_of_a_source_that_does_not_run_is_listed_and_begun(session: ScreenSession) -> None:
    assert [(one.key, one.state) for one in session.parts("pr0gramm")] == [("1-newest", "missing")]
    assert session.changes().rows == ()
    assert session.database.endswith("rows.db")

    engine = session.begin("pr0gramm", ["1-newest"])

    assert engine is session.engine


def begun(engine: EngineThread) -> GroupState:
    """Wait until the one source of a harvest has begun."""
    for _ in range(1000):
        if engine.snapshot().state is not State.IDLE:
            return engine.snapshot().groups[0]
        engine.wait(0.01)
    pytest.fail("it never began")


def test_a_part_is_filled_by_a_new_harvest_once_the_old_one_has_ended(
    session: ScreenSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "SCREEN_WITHIN", 0.0)
    old = session.begin("pr0gramm", ["1-newest"])
    with pytest.raises(UsageError, match="still ending"):
        session.begin("pr0gramm", ["1-newest"])
    begun(old)
    old.send(StopNow())
    assert old.wait(10)
    old.send(Tune("pr0gramm", Tuning(cap=3)))

    new = session.begin("pr0gramm", ["1-newest"])

    assert new is session.engine
    assert new is not old
    assert not new.wait(0)
    assert begun(new).tuning.cap == 3


def test_a_part_that_is_not_there_begins_nothing(session: ScreenSession) -> None:
    with pytest.raises(UsageError, match='no part "x"'):
        session.begin("pr0gramm", ["x"])

    assert session.engine is None

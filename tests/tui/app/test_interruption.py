"""A harvest that the person ended against one that came to its own end."""

from collections.abc import Sequence

from tests.tui.cli_fakes import FakeHarvest, deck, group
from tui.app.interruption import Watched


def test_stopping_a_running_harvest_is_an_interruption() -> None:
    watched = Watched(FakeHarvest(deck()))

    watched.stop()

    assert watched.interrupted


def test_leaving_a_harvest_that_has_ended_is_none() -> None:
    harvest = FakeHarvest(deck())
    watched = Watched(harvest)
    harvest.end()

    watched.stop()
    watched.stop_now()

    assert not watched.interrupted


def test_a_part_is_filled_by_a_new_harvest_once_the_old_one_has_ended() -> None:
    old, new = FakeHarvest(deck()), FakeHarvest(deck(group()))
    asked: list[tuple[str, Sequence[str]]] = []

    def again(source: str, parts: Sequence[str]) -> FakeHarvest:
        asked.append((source, parts))
        return new

    watched = Watched(old, again)
    watched.fill("a", ["p"])
    old.end()

    assert watched.fill("a", ["q", "r"]) == 2
    assert (old.told, asked) == (["fill a p"], [("a", ["q", "r"])])
    assert watched.snapshot() == deck(group())


def test_every_command_is_passed_on() -> None:
    harvest = FakeHarvest(deck(group()))
    watched = Watched(harvest)

    watched.pause("a")
    watched.resume()
    watched.nudge("a", -2)
    watched.cap("a", -1)
    watched.pin("a")
    watched.cap_at("a", 7)
    watched.automatic("a")
    watched.retry("a", "kind", 7)
    watched.failed("a", "kind")
    watched.inspect(7)
    watched.set_aside("a", "kind", 7)
    watched.release("a", 7)
    watched.quarantined()
    watched.changes()
    watched.parts("a")
    watched.fill("a", ["p", "q"])
    watched.stop()
    watched.stop_now()

    assert harvest.told == [
        *("pause a", "resume None", "nudge a -2", "cap a -1", "pin a None", "cap_at a 7", "automatic a"),
        *("retry a kind 7", "failed a kind", "inspect 7", "set aside a kind 7"),
        *("release a 7", "aside", "changes", "parts a", "fill a p q", "stop", "stop_now"),
    ]
    assert watched.snapshot() == deck(group())
    assert watched.wait(0)

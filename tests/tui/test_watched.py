"""A harvest that the person ended against one that came to its own end."""

from tests.tui.cli_fakes import FakeHarvest, deck, group
from tui.watched import Watched


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
    watched.stop()
    watched.stop_now()

    assert harvest.told == [
        *("pause a", "resume None", "nudge a -2", "cap a -1", "pin a None", "cap_at a 7", "automatic a"),
        *("retry a kind 7", "failed a kind", "inspect 7", "stop", "stop_now"),
    ]
    assert watched.snapshot() == deck(group())
    assert watched.wait(0)

"""When a listing ends."""

from engine.model.ytdlp import Listing
from engine.transport.ytdlp.lister import REPEATS, StopRule


def test_known_ones_must_follow_each_other() -> None:
    stops = StopRule(Listing(link="x", known=("a", "b", "c"), stop_after=2))

    ended = []
    for id in ("a", "new", "b", "c"):
        stops.take(id)
        ended.append(stops.ended)

    assert ended == ["", "", "", "known"]


def test_without_a_number_known_ones_end_nothing() -> None:
    stops = StopRule(Listing(link="x", known=("a", "b")))

    assert [stops.take(id) for id in ("a", "b")] == [True, True]
    assert stops.ended == ""


def test_a_page_that_comes_for_ever_ends_it() -> None:
    stops = StopRule(Listing(link="x"))
    stops.take("a")

    taken = [stops.take("a") for _ in range(REPEATS)]

    assert not any(taken)
    assert stops.ended == "repeats"


def test_ever_new_ids_end_at_the_most() -> None:
    stops = StopRule(Listing(link="x", most=3))

    for number in range(3):
        stops.take(str(number))

    assert stops.ended == "most"

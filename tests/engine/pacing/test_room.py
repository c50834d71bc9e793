"""What this process has room for: one number for all lanes, halved by what found no room, raised by what did."""

from math import inf

from engine.pacing.admission import Admission
from engine.pacing.concurrency.policies import Fixed
from engine.pacing.penalty_gate import PenaltyGate
from engine.pacing.room import Room
from engine.pacing.ticket import Now, Wait


def filled(room: Room, many: int) -> Room:
    for _ in range(many):
        room.sent()
    return room


def test_without_a_number_nothing_is_held_back() -> None:
    assert not filled(Room(), 10_000).full


def test_a_number_from_the_start_holds_back_and_is_not_outgrown() -> None:
    room = filled(Room(28, "no more than 64 files"), 28)
    for _ in range(1000):
        room.arrived()

    assert room.full
    assert room.describe() == "28 of 28 in flight in all: no more than 64 files"


def test_there_is_always_room_for_one() -> None:
    room = Room(0)

    assert not room.full
    for second in range(10):
        filled(room, 1).missing(float(second), float(second), "64 MiB")
        room.ended()
    assert room.limit == 1


def test_one_flight_that_finds_no_room_halves_the_number_once() -> None:
    room = filled(Room(), 16)

    lowered = [room.missing(5.0, 1.0, "64 MiB") for _ in range(4)]

    assert lowered == [True, False, False, False]
    assert room.limit == 8


def test_answers_raise_it_by_about_one_a_round() -> None:
    room = filled(Room(), 16)
    room.missing(5.0, 1.0, "64 MiB")

    for _ in range(9):
        room.arrived()

    assert room.limit == 9


def test_whoever_waits_for_room_is_woken_when_there_is_some() -> None:
    room, woken = filled(Room(2), 2), list[str]()
    room.freed.append(lambda: woken.append("lane"))

    room.ended()
    room.ended()

    assert woken == ["lane"]


def lane(room: Room, name: str) -> Admission:
    return Admission(resource=name, controller=Fixed(16), cap=32, gate=PenaltyGate(), room=room)


def test_lanes_share_the_room_and_each_says_what_bounds_it() -> None:
    room = Room(20, "no more than 64 files")
    first, second = lane(room, "a"), lane(room, "b")
    for number in range(12):
        first.sent(0.0, number + 1)

    tickets = []
    for number in range(8):
        assert second.admit(0.0, number) == Now()
        tickets.append(second.sent(0.0, number + 1))
    held = second.admit(0.0, 8)

    assert isinstance(held, Wait)
    assert held.reason == "20 of 20 in flight in all: no more than 64 files"

    second.gone(tickets[0])
    assert second.admit(0.0, 7) == Now()


def test_a_request_that_found_no_room_says_nothing_of_the_server() -> None:
    one = lane(Room(), "a")
    tickets = [one.sent(0.0, number + 1) for number in range(16)]

    moves = [one.no_room(1.0, ticket, "64 MiB") for ticket in tickets[:2]]

    assert moves[0] is not None
    assert (moves[0].old, moves[0].new, moves[0].reason) == (16, 8, "64 MiB")
    assert moves[1] is None
    assert not one.reach.offline
    held = one.admit(1.0, 8)
    assert isinstance(held, Wait)
    assert held.reason == "8 of 8 in flight: 64 MiB"
    assert one.room.limit < inf

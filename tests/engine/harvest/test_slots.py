from engine.harvest.slots import WorkerSlots
from engine.model.lane_state import SlotState


def test_the_lowest_free_number_is_taken() -> None:
    places = WorkerSlots()
    first, second = places.take(0, "a", canary=False), places.take(0, "b", canary=False)
    places.release(first)

    assert (first, second, places.take(1, "c", canary=False)) == (0, 1, 0)
    assert places.taken == 2


def test_a_place_says_what_it_does_and_for_how_long() -> None:
    places = WorkerSlots()
    places.take(1.0, "GET /a", canary=False)
    places.take(2.0, "GET /b", canary=True)
    places.release(0)
    places.tally(0, landed=True)
    places.tally(1, landed=False)

    idle, canary = places.snapshot(5.0)

    assert (idle.state, idle.what, idle.elapsed, idle.done) == (SlotState.IDLE, "GET /a", None, 1)
    assert (canary.state, canary.elapsed, canary.retried) == (SlotState.CANARY, 3.0, 1)

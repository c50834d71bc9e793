from engine.harvest.slots import WorkerSlots
from engine.model.lane_state import SlotState


def test_the_lowest_free_number_is_taken() -> None:
    slots = WorkerSlots()
    first, second = slots.take(0, "a", canary=False), slots.take(0, "b", canary=False)
    slots.release(first)

    assert (first, second, slots.take(1, "c", canary=False)) == (0, 1, 0)
    assert slots.taken == 2


def test_a_place_says_what_it_does_and_for_how_long() -> None:
    slots = WorkerSlots()
    slots.take(1.0, "GET /a", canary=False)
    slots.take(2.0, "GET /b", canary=True)
    slots.release(0)
    slots.tally(0, landed=True)
    slots.tally(1, landed=False)

    idle, canary = slots.snapshot(5.0)

    assert (idle.state, idle.what, idle.elapsed, idle.done) == (SlotState.IDLE, "GET /a", None, 1)
    assert (canary.state, canary.elapsed, canary.retried) == (SlotState.CANARY, 3.0, 1)

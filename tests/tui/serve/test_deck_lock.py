"""One browser at a time."""

import asyncio

from tui.serve.deck_lock import DeckLock


async def test_a_free_seat_is_taken_and_given_back() -> None:
    lock = DeckLock()

    async with lock.taken("one") as refusal:
        assert refusal == ""
        assert lock.holder == "one"

    assert lock.holder == ""


async def test_who_comes_second_is_told_who_has_it() -> None:
    lock = DeckLock()

    async with lock.taken("one"), lock.taken("two") as refusal:
        assert refusal == "one has this deck: close it there, then open this page again"
        assert lock.holder == "one"

    assert lock.holder == ""


async def test_who_comes_while_it_is_being_left_waits_for_it() -> None:
    lock = DeckLock()
    sat: list[str] = []

    async def come(who: str) -> None:
        async with lock.taken(who) as refusal:
            sat.append(refusal or who)

    async with asyncio.TaskGroup() as group, lock.taken("one"):
        lock.leaving()
        group.create_task(come("two"))
        await asyncio.sleep(0)
        assert sat == []

    assert sat == ["two"]


async def test_of_those_who_wait_the_last_gets_it() -> None:
    lock = DeckLock()
    said: dict[str, str] = {}
    told = asyncio.Event()

    async def come(who: str) -> None:
        async with lock.taken(who) as refusal:
            said[who] = refusal
            told.set()

    async with asyncio.TaskGroup() as group, lock.taken("one"):
        lock.leaving()
        group.create_task(come("two"))
        await asyncio.sleep(0)
        group.create_task(come("three"))
        await told.wait()

    assert said == {"two": "another window came after this one: open this page again", "three": ""}

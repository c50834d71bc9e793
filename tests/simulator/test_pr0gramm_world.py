import tracemalloc
from itertools import islice

import pytest

from simulator.pr0gramm.feed import PAGE_SIZE, around, by_id, by_promoted, newer, newest, older
from simulator.pr0gramm.search import shown
from simulator.pr0gramm.world import ALL_FLAGS, SFW, Item, Pr0grammSizes, Pr0grammWorld


@pytest.fixture(scope="module")
def world() -> Pr0grammWorld:
    return Pr0grammWorld(3, sizes=Pr0grammSizes(items=2_000))


@pytest.fixture(scope="module")
def items(world: Pr0grammWorld) -> list[Item]:
    return list(world.items())


def test_the_same_seed_gives_the_same_world_and_another_one_another(items: list[Item]) -> None:
    sizes = Pr0grammSizes(items=2_000)

    assert list(Pr0grammWorld(3, sizes=sizes).items()) == items
    assert list(Pr0grammWorld(4, sizes=sizes).items()) != items


def test_ids_descend_with_gaps_and_there_are_as_many_as_configured(world: Pr0grammWorld, items: list[Item]) -> None:
    ids = [item.id for item in items]

    assert len(ids) == 2_000
    assert ids == sorted(set(ids), reverse=True)
    assert ids[0] == world.newest_id
    assert ids[0] - ids[-1] > 2_500


def test_every_item_is_found_by_its_id_and_gaps_are_empty(world: Pr0grammWorld, items: list[Item]) -> None:
    known = {item.id: item for item in items}

    assert all(world.item(number) == known.get(number) for number in range(-2, world.newest_id + 20))


def test_counting_below_an_id_is_exact_everywhere(world: Pr0grammWorld, items: list[Item]) -> None:
    ids = sorted(item.id for item in items)

    for number in range(0, world.newest_id + 40, 7):
        assert world.below(number) == sum(1 for known in ids if known < number)


def test_promoted_numbers_lead_to_items_that_carry_them(world: Pr0grammWorld, items: list[Item]) -> None:
    carried = {item.promoted: item for item in items if item.promoted}

    assert sorted(carried) == list(range(1, world.promoted_count + 1))
    assert all(world.promoted(number) == item for number, item in carried.items())


def test_promoted_items_are_not_quite_in_the_order_of_ids(world: Pr0grammWorld) -> None:
    ids = [world.promoted(number).id for number in range(1, world.promoted_count + 1)]

    assert ids != sorted(ids)
    assert all(abs(a - b) < 600 for a, b in zip(ids, sorted(ids), strict=True))


def test_items_are_of_all_kinds_and_of_years_around_the_year(world: Pr0grammWorld, items: list[Item]) -> None:
    created = [item.created for item in reversed(items)]
    inside = sum(world.timeline.year_begins <= moment < world.timeline.year_ends for moment in created)

    assert {item.flags for item in items} == {1, 2, 4, 8, 16}
    assert created == sorted(created)
    assert 0.6 < inside / len(items) < 0.73
    assert created[0] < world.timeline.year_begins
    assert created[-1] >= world.timeline.year_ends


def test_comments_answer_each_other_and_some_parents_are_missing(world: Pr0grammWorld, items: list[Item]) -> None:
    missing = 0
    for item in items:
        comments = world.comments(item)
        seen = {0}
        for comment in comments:
            missing += comment.parent not in seen
            seen.add(comment.id)
            assert comment.created > item.created

    average = sum(len(world.comments(item)) for item in items) / len(items)
    assert 7.4 < average < 8.6
    assert missing > 0


def test_tags_of_an_item_are_unique(world: Pr0grammWorld, items: list[Item]) -> None:
    for item in items[:300]:
        tags = world.tags(item)

        assert len({tag.id for tag in tags}) == len({tag.tag for tag in tags}) == len(tags)


def test_six_million_items_take_no_memory_and_the_last_one_no_time() -> None:
    tracemalloc.start()
    world = Pr0grammWorld(1, sizes=Pr0grammSizes(items=6_000_000))

    page = newest(by_id(world), shown(ALL_FLAGS))
    oldest = older(by_id(world), shown(ALL_FLAGS), 100)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert len(page.items) == PAGE_SIZE
    assert page.items[0].index == 5_999_999
    assert oldest.at_end
    assert peak < 500_000


@pytest.mark.parametrize("flags", [ALL_FLAGS, SFW, 4])
@pytest.mark.parametrize("promoted", [False, True])
def test_walking_by_older_meets_every_item_once(world: Pr0grammWorld, flags: int, *, promoted: bool) -> None:
    stream = by_promoted(world) if promoted else by_id(world)
    page, met = newest(stream, shown(flags)), list[Item]()
    while True:
        met += page.items
        assert page.at_end or len(page.items) == PAGE_SIZE
        if page.at_end:
            break
        page = older(stream, shown(flags), min(stream.cursor(item) for item in page.items))
        assert not page.at_start

    expected = [item for item in world.items() if item.flags & flags and (item.promoted or not promoted)]
    assert sorted(met, key=lambda item: item.id) == sorted(expected, key=lambda item: item.id)
    assert [stream.cursor(item) for item in met] == sorted((stream.cursor(item) for item in met), reverse=True)


def test_newer_gives_the_nearest_items_above(world: Pr0grammWorld, items: list[Item]) -> None:
    stream = by_id(world)

    assert newer(stream, shown(ALL_FLAGS), items[500].id).items == items[380:500]
    assert newer(stream, shown(ALL_FLAGS), items[50].id).items == items[:50]
    assert newer(stream, shown(ALL_FLAGS), items[50].id).at_start
    assert newer(stream, shown(ALL_FLAGS), items[0].id).items == []
    assert not newer(stream, shown(ALL_FLAGS), items[500].id).at_end


def test_a_page_around_an_item_has_it_in_the_middle(world: Pr0grammWorld, items: list[Item]) -> None:
    stream = by_id(world)

    middle, top, bottom = (around(stream, shown(ALL_FLAGS), items[place].id) for place in (500, 3, 1_999))

    assert middle.items == items[440:560]
    assert top.items == items[:120]
    assert (top.at_start, top.at_end) == (True, False)
    assert bottom.items == items[1_939:]
    assert (bottom.at_start, bottom.at_end) == (False, True)


def test_a_world_without_items_is_one_empty_page() -> None:
    world = Pr0grammWorld(1, sizes=Pr0grammSizes(items=0))

    assert list(islice(world.items(), 1)) == []
    assert world.newest_id == 0
    assert newest(by_id(world), shown(ALL_FLAGS)).at_end
    assert newest(by_promoted(world), shown(ALL_FLAGS)).items == []

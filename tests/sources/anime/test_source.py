from datetime import timedelta
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, SourceError, UsageError
from engine.model.source import Memory, Page, Request
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from tests.sources.driver import STARTED, respond
from tests.sources.fake_anilist import FakeAniList, Show, StoringDriver, chain

MEMORY = Memory(started=STARTED)


def play(fake: FakeAniList, **options: Any) -> StoringDriver:
    driver = StoringDriver(Anime(msgspec.convert(options, AnimeOptions)), fake)
    driver.run()
    return driver


def members(driver: StoringDriver) -> list[tuple[int, str]]:
    rows = [row for row in driver.table("franchise_member") if row["current"]]
    return [(row["anime_id"], row["category"]) for row in sorted(rows, key=lambda row: row["position"])]


def relations(driver: StoringDriver) -> set[tuple[int, int, str]]:
    return {(row["src"], row["dst"], row["type"]) for row in driver.table("relation")}


@pytest.fixture
def harbour() -> FakeAniList:
    """Fifteen related entries with cycles, a manga, and a commercial that shares a character with another show."""
    shows = [
        Show(10, year=2010), Show(11, year=2012), Show(12, year=2014), Show(13, "MOVIE", 2011), Show(14, "OVA", 2013),
        Show(15, "TV_SHORT", 2012), Show(16, "SPECIAL", 2010), Show(17, "MOVIE", 2015), Show(18, "ONA", 2016),
        Show(19, "MUSIC", 2017), Show(20, year=2018), Show(21, "OVA", 2019), Show(22, "MOVIE", None),
        Show(9, year=2008), Show(23, year=2021), Show(40, "MANGA", 2005, "MANGA"),
        Show(50, "ONA", 2020), Show(51, year=1999),
    ]  # fmt: skip
    edges = [
        (9, 10, "SEQUEL"), (10, 11, "SEQUEL"), (11, 12, "SEQUEL"), (12, 20, "SEQUEL"), (20, 23, "SEQUEL"),
        (10, 13, "SUMMARY"), (13, 10, "PARENT"), (10, 14, "SIDE_STORY"), (10, 15, "SPIN_OFF"), (15, 10, "PARENT"),
        (10, 16, "SIDE_STORY"), (12, 17, "SIDE_STORY"), (17, 18, "ALTERNATIVE"), (18, 17, "ALTERNATIVE"),
        (18, 19, "SIDE_STORY"), (20, 21, "SIDE_STORY"), (20, 22, "COMPILATION"), (22, 20, "CONTAINS"),
        (10, 40, "ADAPTATION"), (10, 50, "CHARACTER"), (50, 51, "CHARACTER"),
    ]  # fmt: skip
    return FakeAniList(shows, edges)


def test_fifteen_related_anime_cost_at_most_four_requests(harbour: FakeAniList) -> None:
    by_id, by_title = play(harbour, ids=[10]), play(harbour, titles=["Show 10"])

    assert by_id.count("anime") == by_title.count("anime") == 15
    assert by_id.to("anilist") <= 4
    assert by_title.to("anilist") <= 4


@pytest.mark.parametrize("start", [9, 13, 19, 23])
def test_it_does_not_matter_where_a_franchise_is_entered(harbour: FakeAniList, start: int) -> None:
    there, here = play(harbour, ids=[10]), play(harbour, ids=[start])

    for table in ("anime", "franchise", "franchise_member", "relation", "ext_id"):
        assert here.table(table) == there.table(table)


def test_a_shared_character_joins_no_franchises(harbour: FakeAniList) -> None:
    driver = play(harbour, ids=[10])

    assert {number for number, _ in members(driver)} == {*range(9, 24)}
    assert (10, 50, "CHARACTER") in relations(driver)


def test_manga_belong_only_on_request(harbour: FakeAniList) -> None:
    without, with_manga = play(harbour, ids=[10]), play(harbour, ids=[10], manga=True)

    assert 40 not in dict(members(without))
    assert dict(members(with_manga))[40] == "other"
    assert (10, 40, "ADAPTATION") in relations(without)


def test_members_have_a_category_and_stand_by_date(harbour: FakeAniList) -> None:
    driver = play(harbour, ids=[10])

    assert members(driver) == [
        (9, "main story"), (10, "main story"), (16, "ova"), (13, "movie"), (11, "main story"), (15, "side story"),
        (14, "ova"), (12, "main story"), (17, "movie"), (18, "side story"), (19, "other"), (20, "main story"),
        (21, "ova"), (23, "main story"), (22, "movie"),
    ]  # fmt: skip
    assert driver.table("franchise") == [
        {"id": 9, "main_id": 9, "members": 15, "missing": 0, "whole": 1, "title": "Show 9", "started_on": "2008-04"}
    ]


def test_both_directions_of_all_relations_land_with_the_franchise(harbour: FakeAniList) -> None:
    driver = play(harbour, ids=[10])

    landing = [page for page in driver.pages if any(record.table == "relation" for record in page.records)]
    assert len(landing) == 1
    assert {record.table for record in landing[0].records} >= {"relation", "franchise", "franchise_member"}
    pairs = {(src, dst) for src, dst, _ in relations(driver)}
    inside = {(src, dst) for src, dst in pairs if {src, dst} <= {*range(9, 24)}}
    assert {(dst, src) for src, dst in inside} == inside


def test_a_relation_said_by_one_end_only_is_inferred_at_the_other() -> None:
    fake = FakeAniList([Show(1), Show(2)], [(1, 2, "SUMMARY")])

    driver = play(fake, ids=[1])

    assert [(row["src"], row["dst"], row["type"], row["inferred"]) for row in driver.table("relation")] == [
        (1, 2, "SUMMARY", 0), (2, 1, "PARENT", 1),
    ]  # fmt: skip


def test_one_answer_sees_two_relations_ahead() -> None:
    driver = play(chain(15), ids=[8])

    assert driver.count("anime") == 15
    assert [len(ids) for ids in driver.answer.asked] == [1, 4, 4, 4, 2]  # type: ignore[attr-defined] # it is the fake


def test_progress_is_told_while_a_franchise_grows() -> None:
    driver = play(chain(5), ids=[1])

    assert driver.notes == ["id 1: 1 of 3 related known", "id 1: 3 of 5 related known", "id 1: 5 entries"]


def test_a_search_that_finds_relatives_needs_no_second_request() -> None:
    driver = play(chain(5), titles=["show"])

    assert (driver.to("anilist"), driver.count("anime")) == (1, 5)
    assert driver.avoided["entries asked for together"] == 5


def test_a_title_means_the_entry_of_that_very_name_before_the_best_match() -> None:
    fake = FakeAniList([Show(11), Show(1)], [])

    driver = play(fake, titles=["SHOW 1"])

    assert [row["id"] for row in driver.table("anime")] == [1]


def test_the_caps_hold_and_say_so() -> None:
    near, few = play(chain(15), ids=[1], max_depth=2), play(chain(15), ids=[1], max_members=4)

    assert (near.count("anime"), few.count("anime")) == (3, 4)
    assert near.table("franchise")[0]["whole"] == few.table("franchise")[0]["whole"] == 0
    assert "more are related" in near.notes[-1]


def test_an_entry_that_is_not_to_be_had_is_counted_and_stops_nothing() -> None:
    fake = FakeAniList([Show(1), Show(3)], [(1, 2, "SEQUEL"), (1, 3, "SIDE_STORY")])

    driver = play(fake, ids=[1])

    assert [row["id"] for row in driver.table("anime")] == [1, 3]
    assert (driver.table("franchise")[0]["missing"], driver.table("franchise")[0]["whole"]) == (1, 0)
    assert "1 are not to be had" in driver.notes[-1]


@pytest.mark.parametrize("options", [{"ids": [77]}, {"titles": ["nothing like it"]}])
def test_what_anilist_does_not_know_is_a_note(options: dict[str, Any]) -> None:
    driver = play(chain(2), **options)

    assert driver.rows == {}
    assert "AniList has no such anime" in driver.notes[0]


def test_only_entries_with_gaps_are_asked_of_jikan() -> None:
    fake = FakeAniList([Show(1, idMal=101, english="Whole"), Show(2, idMal=102), Show(3)], [(1, 2, "SEQUEL")])

    driver = play(fake, ids=[1])

    assert [request.url for request in driver.sent if request.resource == "jikan"] == ["/anime/102"]
    rows = {row["id"]: row for row in driver.table("anime")}
    assert (rows[2]["title_english"], rows[2]["title_romaji"], rows[2]["rating"]) == ("English 102", "Show 2", "PG-13")
    assert (rows[1]["completeness"], rows[2]["completeness"]) == (1.0, 1.0)
    assert driver.avoided["AniList lacks nothing"] == 1


@pytest.mark.parametrize(("details", "asked"), [("none", 0), ("missing", 1), ("all", 2)])
def test_how_much_jikan_is_asked_is_an_option(details: str, asked: int) -> None:
    fake = FakeAniList([Show(1, idMal=101, english="Whole"), Show(2, idMal=102)], [(1, 2, "SEQUEL")])

    assert play(fake, ids=[1], details=details).to("jikan") == asked


def test_an_anime_jikan_does_not_know_keeps_what_anilist_says() -> None:
    fake = FakeAniList([Show(2, idMal=102)], [])
    fake.statuses["/anime/102"] = 404

    driver = play(fake, ids=[2])

    assert driver.table("anime")[0]["title_english"] is None
    assert [row["status"] for row in driver.table("provider_doc")] == [200, 404]
    assert "MyAnimeList has no anime 102" in driver.notes


def test_two_franchises_of_one_run_do_not_disturb_each_other() -> None:
    fake = FakeAniList([Show(number) for number in range(1, 5)], [(1, 2, "SEQUEL"), (3, 4, "SEQUEL")])

    driver = play(fake, ids=[1, 4])

    assert [(row["id"], row["members"]) for row in driver.table("franchise")] == [(1, 2), (3, 2)]


def test_two_names_of_one_franchise_share_what_was_fetched() -> None:
    driver = play(chain(5), ids=[1, 5])

    assert len(driver.table("franchise")) == 1
    assert driver.to("anilist") < 6


def test_a_second_run_within_hours_asks_nothing() -> None:
    driver = play(FakeAniList([Show(1, idMal=101), Show(2)], [(1, 2, "SEQUEL")]), ids=[1])

    driver.run(STARTED + timedelta(hours=5))

    assert driver.sent == []


def test_details_are_refreshed_after_six_hours_in_one_request_and_jikan_only_when_expired() -> None:
    driver = play(FakeAniList([Show(1, idMal=101), Show(2)], [(1, 2, "SEQUEL")]), ids=[1])
    before = driver.table("anime")

    driver.run(STARTED + timedelta(hours=7))

    assert (driver.to("anilist"), driver.to("jikan")) == (1, 0)
    assert driver.notes == ["id 1: 2 of 2 entries refreshed"]
    assert driver.avoided == {"Jikan's copy has not expired": 1, "entries asked for together": 1}
    assert driver.table("anime") == before


def test_a_franchise_is_walked_again_after_a_day_in_one_request() -> None:
    fake = chain(6)
    driver = play(fake, ids=[1])
    fake.shows[7] = Show(7, year=2030)
    fake.edges += [(6, 7, "SEQUEL"), (7, 6, "PREQUEL")]

    driver.run(STARTED + timedelta(hours=25))

    assert [len(ids) for ids in fake.asked[-2:]] == [6, 1]
    assert driver.to("anilist") == 2
    assert driver.table("franchise")[0]["members"] == 7


def test_who_has_left_a_franchise_is_marked() -> None:
    fake = chain(3)
    driver = play(fake, ids=[1])
    fake.edges = [edge for edge in fake.edges if 3 not in edge[:2]]

    driver.run(STARTED + timedelta(hours=25))

    assert [(row["anime_id"], row["current"]) for row in driver.table("franchise_member")] == [(1, 1), (2, 1), (3, 0)]


def test_a_full_run_asks_everything_again_and_gives_the_same_tables(harbour: FakeAniList) -> None:
    driver = play(harbour, ids=[10])
    before, requests = dict(driver.rows), len(driver.sent)

    driver.run(STARTED, full=True)

    assert driver.rows == before
    assert len(driver.sent) == requests


def test_a_run_broken_off_anywhere_ends_with_the_same_tables(harbour: FakeAniList) -> None:
    whole = play(harbour, ids=[10, 51])

    for cut in range(1, len(whole.sent)):
        driver = StoringDriver(Anime(AnimeOptions(ids=(10, 51))), harbour)
        driver.begin()
        driver.land(cut)
        driver.resume()
        driver.land()
        assert driver.rows == whole.rows


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "set titles or ids"),
        ({"ids": list(range(1, 22))}, "21 franchises are refused, 20 is the most.*forbid hoarding"),
        ({"ids": [1, 2, 3], "max_members": 500}, "could be 1,500.*mass collection.*set max_members = 333"),
    ],
)
def test_a_plan_above_the_cap_is_refused_with_the_reason(options: dict[str, Any], why: str) -> None:
    source = Anime(msgspec.convert(options, AnimeOptions))

    with pytest.raises(UsageError, match=why):
        source.seed(MEMORY)


@pytest.mark.parametrize("options", [{"ids": [0]}, {"titles": [""]}, {"max_depth": 0}, {"max_members": 501}, {"x": 1}])
def test_a_wrong_key_or_value_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(options, AnimeOptions)


def _parse(body: object, status: int = 200, **context: Any) -> Page:
    source = Anime(AnimeOptions(ids=(1,)))
    request = next(iter(source.seed(MEMORY)))
    if context:
        request = Request(key="k", url="/anime/5", resource="jikan", context=context)
    response = respond(body, status)
    assert status < 400 or source.accepts(request, response)
    return source.parse(request, response, MEMORY)


def test_a_not_found_with_data_is_read() -> None:
    body = {"errors": [{"message": "Not Found.", "status": 404}], "data": {"Page": None}}

    assert "no such anime" in _parse(body, 404).note


def test_a_refusal_by_anilist_stops_the_source_with_its_words() -> None:
    body = {"errors": [{"message": "The AniList API has been temporarily disabled", "status": 403}]}

    with pytest.raises(SourceError, match=r"refuses to answer.*temporarily disabled"):
        _parse(body, 403)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        {"data": None, "errors": [{"message": "Internal"}]},
        {"data": {"Page": {"media": 7}}},
    ],
)
def test_what_is_no_list_of_entries_is_a_bad_body(body: object) -> None:
    with pytest.raises(BadBody):
        _parse(body)


@pytest.mark.parametrize("body", [b"", b"[]", {"data": None}, {"data": {"mal_id": 6}}])
def test_what_is_no_document_of_that_anime_is_a_bad_body(body: object) -> None:
    with pytest.raises(BadBody):
        _parse(body, kind="mal", mal=5, media='{"id":1}')


def test_errors_beside_entries_are_noted() -> None:
    page = _parse({"data": {"Page": {"media": [{"id": 1}]}}, "errors": [{"message": "half of it is lost"}]})

    assert page.note == "id 1: 1 entries; half of it is lost"


def test_the_two_hosts_have_budgets_of_their_own() -> None:
    source = Anime(AnimeOptions(ids=(1,)))

    found = [(each.resource, each.requests, each.per, each.concurrency, each.base_url) for each in source.budgets]
    assert found == [
        ("anilist", 25, 60.0, 1, ""),
        ("anilist", 1, 2.0, 1, ""),
        ("jikan", 60, 60.0, 1, "https://api.jikan.moe/v4"),
        ("jikan", 1, 1.5, 1, "https://api.jikan.moe/v4"),
    ]

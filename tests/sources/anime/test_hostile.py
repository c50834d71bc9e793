"""Whatever AniList or Jikan send: rows that fit the database, or BadBody, and never another exception."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.source import Memory, Request
from sources.anime.jikan import minutes
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from tests.fuzzing import examples
from tests.sources.driver import STARTED, respond
from tests.sources.fake_anilist import FakeAniList, Show
from tests.sources.test_hostile import JSON, _check

MEMORY = Memory(started=STARTED)
SOURCE = Anime(AnimeOptions(ids=(1,)))
WALK = next(iter(SOURCE.seed(MEMORY)))
FAKE = FakeAniList([Show(1, idMal=101), Show(2)], [(1, 2, "SEQUEL")])
MEDIA = FAKE.media(FAKE.shows[1])
ASKED = Request(key="mal 5", url="/anime/5", resource="jikan", context={"kind": "mal", "mal": 5, "media": '{"id":1}'})
DOCUMENT = {
    "mal_id": 5, "title_english": "x", "duration": "1 hr 54 min", "aired": {"prop": {"from": {"year": 2000}}},
    "genres": [{"name": "Drama"}], "studios": [{"name": "Dock"}], "season": "fall", "year": 2000, "rating": "G",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(MEDIA))
@given(hostile=JSON)
@examples(20)
def test_any_value_in_any_field_of_an_entry_is_survived(field: str, hostile: Any) -> None:
    body = {"data": {"Page": {"media": [MEDIA | {field: hostile}]}}}

    _check(lambda: SOURCE.parse(WALK, respond(body), MEMORY))


@given(hostile=JSON, inner=st.sampled_from(["relationType", "node", "relations"]))
@examples(60)
def test_any_value_in_a_relation_is_survived(hostile: Any, inner: str) -> None:
    edge = {"relationType": "SEQUEL", "node": {"id": 2, "type": "ANIME"}}
    edge |= {"node": {"id": 2, "type": "ANIME", "relations": hostile}} if inner == "relations" else {inner: hostile}
    body = {"data": {"Page": {"media": [MEDIA | {"relations": {"edges": [edge, hostile]}}]}}}

    _check(lambda: SOURCE.parse(WALK, respond(body), MEMORY))


@pytest.mark.parametrize("field", sorted(DOCUMENT))
@given(hostile=JSON)
@examples(20)
def test_any_value_in_any_field_of_jikan_is_survived(field: str, hostile: Any) -> None:
    _check(lambda: SOURCE.parse(ASKED, respond({"data": DOCUMENT | {field: hostile}}), MEMORY))


@pytest.mark.parametrize("request_", [WALK, ASKED])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=40))
@examples(60)
def test_any_body_is_survived(request_: Request, body: bytes) -> None:
    _check(lambda: SOURCE.parse(request_, respond(body), MEMORY))


@pytest.mark.parametrize("header", ["", "-1", "0", "never", "Mon, 99 Foo 2025 25:61:61 GMT", "Mon, 03 Mar 2025"])
def test_an_expiry_that_is_no_date_counts_as_none(header: str) -> None:
    response = replace(respond({"data": DOCUMENT}), headers={"expires": header})

    page = SOURCE.parse(ASKED, response, MEMORY)

    assert page.records[0].data["expires_at"] in {None, "2025-03-03T00:00:00Z"}


@pytest.mark.parametrize("value", ["", "{", '{"at":1}', '{"at":"x","root":"y"}', "\ud800"])
def test_a_broken_cursor_counts_as_none(value: str) -> None:
    rules = AnimeOptions(ids=(1,)).rules()

    seeds = list(SOURCE.seed(Memory(started=STARTED, cursors={f"{rules} id 1": value})))

    assert [each.key for each in seeds] == [WALK.key]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("25 min per ep", 25), ("1 hr 54 min", 114), ("2 hr", 120), ("15 sec", None), ("Unknown", None), ("", None)],
)
def test_durations_are_read_as_myanimelist_writes_them(words: str, expected: int | None) -> None:
    assert minutes(words) == expected

"""The anime source against schemas and recorded answers. They are not in the project; absent, these skip."""

from typing import Any

import msgspec
import pytest

from engine.model.source import Memory, Request, Response
from sources.anime.options import AnimeOptions
from sources.anime.source import Anime
from tests.sources.driver import RECORDINGS, STARTED, respond
from tests.sources.fake_anilist import StoringDriver, chain
from tests.sources.openapi import Described
from tests.sources.test_recordings import Exchange

SPECS = RECORDINGS.parent / "specs"
MEMORY = Memory(started=STARTED)
SOURCE = Anime(AnimeOptions(ids=(16498,)))
needs_recordings = pytest.mark.skipif(not RECORDINGS.is_dir(), reason="no recordings beside this checkout")
needs_specs = pytest.mark.skipif(not SPECS.is_dir(), reason="no specifications beside this checkout")


def _recorded(name: str, index: int = 0) -> Response:
    exchange = msgspec.json.decode((RECORDINGS / f"{name}.json").read_bytes(), type=list[Exchange])[index]
    received = exchange["response"]
    headers = {header.lower(): value for header, value in received["headers"]}
    url = exchange["request"]["url"]
    return Response(status=received["status"], headers=headers, body=received["body"].encode(), url=url, elapsed=0.1)


def _media(response: Response) -> Any:
    return response.json()["data"]["Media"]


@needs_specs
@pytest.mark.parametrize(
    "options",
    [{"ids": (1,)}, {"titles": ("Show 1",)}, {"ids": (1,), "manga": True}, {"titles": ("Show 1",), "manga": True}],
)
def test_every_query_is_valid_by_anilists_schema(options: dict[str, Any]) -> None:
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    schema = graphql.build_schema((SPECS / "anilist.graphql").read_text())
    driver = StoringDriver(Anime(AnimeOptions(**options)), chain(4))

    driver.run()

    for request in driver.sent:
        document = graphql.parse(request.json["query"])
        assert graphql.validate(schema, document) == []
        variables = document.definitions[0].variable_definitions
        coerced = graphql.execution.values.get_variable_values(schema, variables, request.json["variables"])
        assert not isinstance(coerced, list)


@needs_specs
def test_every_request_to_jikan_is_one_of_its_specification() -> None:
    described = Described(msgspec.json.decode((SPECS / "jikan-openapi.json").read_bytes()), "https://api.jikan.moe")
    fake = chain(3)
    for show in fake.shows.values():
        show.idMal = show.id
    driver = StoringDriver(Anime(AnimeOptions(ids=(1,))), fake)

    driver.run()

    asked = [request for request in driver.sent if request.resource == "jikan"]
    assert len(asked) == 3
    for request in asked:
        described.check(request)
    assert described.refuses(Request(key="k", url="/anime/mushishi"))
    assert described.refuses(Request(key="k", url="/animes/1"))


@needs_recordings
def test_recorded_relations_of_one_show_lead_to_nine_of_eleven() -> None:
    media = _media(_recorded("anilist/test_anilist_get_relations")) | {"id": 16498, "type": "ANIME"}
    request = next(iter(SOURCE.seed(MEMORY)))

    page = SOURCE.parse(request, respond({"data": {"Page": {"media": [media]}}}), MEMORY)

    assert page.more[0].json["variables"]["ids"] == [18397, 20691, 20692, 20811, 20958, 21281, 99634, 119113]
    assert len(page.more[0].context["edges"]) == 11
    assert page.note == "id 16498: 1 of 9 related known"


@needs_recordings
def test_a_recorded_entry_fills_its_columns() -> None:
    media = _media(_recorded("anilist/test_rate_limit_error"))
    request = next(iter(Anime(AnimeOptions(ids=(170942,))).seed(MEMORY)))

    page = SOURCE.parse(request, respond({"data": {"Page": {"media": [media]}}}), MEMORY)

    row = next(record.data for record in page.records if record.table == "anime")
    expected = {
        "id": 170942, "id_mal": 57181, "format": "ONA", "status": "FINISHED", "title_romaji": "Ao no Hako",
        "title_english": "Blue Box", "episodes": 25, "duration_minutes": 24, "season": "FALL", "season_year": 2024,
        "started_on": "2024-10-03", "ended_on": "2025-03-20", "source": "MANGA", "score": 81, "is_adult": 0,
        "genres": '["Romance","Slice of Life","Sports"]', "updated_at": "2025-04-17T11:13:52Z",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@needs_recordings
def test_the_recorded_not_found_has_data_and_no_entry() -> None:
    response = _recorded("anilist/test_media_not_found_error")
    request = next(iter(SOURCE.seed(MEMORY)))

    assert SOURCE.accepts(request, response)
    assert SOURCE.parse(request, response, MEMORY).note == "id 16498: AniList has no such anime"


@needs_recordings
def test_a_recorded_document_of_jikan_fills_every_gap() -> None:
    context = {"kind": "mal", "mal": 457, "media": '{"id":457,"idMal":457,"status":"FINISHED"}'}
    request = Request(key="mal 457", url="/anime/457", resource="jikan", context=context)

    page = SOURCE.parse(request, _recorded("jikan/anime-success"), MEMORY)

    document, row = page.records[0].data, page.records[1].data
    assert (document["provider"], document["expires_at"]) == ("jikan", "2022-12-03T09:40:53Z")
    expected = {
        "title_english": "Mushi-Shi", "title_native": "蟲師", "episodes": 26, "duration_minutes": 25, "season": "FALL",
        "season_year": 2005, "started_on": "2005-10-23", "ended_on": "2006-06-19", "source": "MANGA",
        "studio": "Artland", "rating": "PG-13 - Teens 13 or older",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected


@needs_recordings
def test_the_recorded_not_found_of_jikan_is_remembered() -> None:
    context = {"kind": "mal", "mal": 1, "media": '{"id":1}'}
    request = Request(key="mal 1", url="/anime/1", resource="jikan", context=context)
    response = _recorded("jikan/anime-failure")

    assert SOURCE.accepts(request, response)
    assert [record.data["status"] for record in SOURCE.parse(request, response, MEMORY).records] == [404]

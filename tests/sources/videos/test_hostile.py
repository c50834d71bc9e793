"""Whatever a feed or a listing holds: rows that fit, a listing instead, or BadBody, and never another exception."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.common.errors import SourceError
from engine.model.source import Memory, Request
from sources.videos.options import VideosOptions
from sources.videos.source import Videos
from tests.fuzzing import examples
from tests.sources.driver import FIXTURES, STARTED, fixture, respond
from tests.sources.test_hostile import JSON, _check, _places, _put

MEMORY = Memory(started=STARTED)
SOURCE = Videos(VideosOptions(channels_dir=str(FIXTURES / "videos/channels")))


def requests() -> Iterator[tuple[str, Request]]:
    """Return a look at a feed, and a listing."""
    for request in SOURCE.seed(MEMORY):
        yield request.route, request
        if request.route == "feed":
            (listing,) = SOURCE.parse(request, respond(b""), MEMORY).more
            yield listing.route, listing


ASKED = dict(requests())


@pytest.mark.parametrize("route", ["feed", "list"])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=60))
@examples(60)
def test_any_body_is_survived(route: str, body: bytes) -> None:
    _check(lambda: SOURCE.parse(ASKED[route], respond(body), MEMORY), also=SourceError)


@given(data=st.data())
@examples(100)
def test_any_value_anywhere_in_a_listing_is_survived(data: st.DataObject) -> None:
    answer: Any = msgspec.json.decode(fixture("videos/listing.json"))
    place = data.draw(st.sampled_from(list(_places(answer))))

    _check(lambda: SOURCE.parse(ASKED["list"], respond(_put(answer, place, data.draw(JSON))), MEMORY))


@pytest.mark.parametrize("status", [401, 403, 404, 410, 415, 429, 451, 500])
@given(body=JSON.map(msgspec.json.encode) | st.binary(max_size=60))
@examples(15)
def test_any_refusal_is_survived(status: int, body: bytes) -> None:
    answer = respond(body, status=status)

    if SOURCE.accepts(ASKED["list"], answer):
        _check(lambda: SOURCE.parse(ASKED["list"], answer, MEMORY), also=SourceError)

"""Parts as their requests and their age make them, and what fills them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from engine.model.coverage import DAY, CoverageReader, OpenRequest, Part, PartState, plan_refill
from engine.model.source import Memory, Request
from tests.fakes import FakeSource

READER = CoverageReader(memory=Memory(started=datetime(2026, 1, 1, tzinfo=UTC)))


def part(state: PartState = PartState.COMPLETE, **given: object) -> Part:
    return Part(key="a", name="a", state=state, **given)  # type: ignore[arg-type]  # the fields of a part


def unfinished(id: int, *, failed: bool, key: str = "r") -> OpenRequest:
    return OpenRequest(id=id, request=Request(key=key, url="/"), failed=failed, reason="502 Bad Gateway")


@dataclass
class Charting(FakeSource):
    refilled: list[str] = field(default_factory=list)

    def parts(self, reader: CoverageReader) -> list[Part]:
        return []

    def refill(self, key: str, reader: CoverageReader) -> list[Request]:
        self.refilled.append(key)
        return [Request(key=f"fetch {key}", url="/")]


def test_a_failed_request_makes_a_part_failed_and_says_why() -> None:
    found = part().with_open_requests([unfinished(1, failed=False), unfinished(2, failed=True)])

    assert (found.state, found.detail) == (PartState.FAILED, "1 request failed: 502 Bad Gateway")
    assert found.unfinished == (1, 2)


def test_queued_requests_make_a_part_queued_and_none_leave_it_alone() -> None:
    assert part().with_open_requests([unfinished(1, failed=False)]).state is PartState.QUEUED
    assert part().with_open_requests([]) == part()


@pytest.mark.parametrize(
    ("state", "ago", "wanted"),
    [
        (PartState.COMPLETE, DAY - 1, PartState.COMPLETE),
        (PartState.COMPLETE, DAY, PartState.STALE),
        (PartState.COMPLETE, None, PartState.COMPLETE),
        (PartState.MISSING, 9 * DAY, PartState.MISSING),
    ],
)
def test_a_day_makes_a_complete_part_stale_where_its_age_is_known(
    state: PartState, ago: float | None, wanted: PartState
) -> None:
    now = 100 * DAY

    assert part(state, updated=None if ago is None else now - ago).aging(now).state is wanted


def test_a_request_may_belong_to_several_parts_or_to_none() -> None:
    reader = CoverageReader(
        memory=READER.memory, unfinished=[unfinished(1, failed=True, key="both"), unfinished(2, failed=True)]
    )

    found = reader.by_part(lambda request: ["a", "b"] if request.key == "both" else "")

    assert {name: [one.id for one in many] for name, many in found.items()} == {"a": [1], "b": [1]}


def test_what_is_left_on_disk_fills_a_part_and_else_the_source_names_requests() -> None:
    source = Charting()
    parts = [
        Part(key="left", name="", state=PartState.FAILED, unfinished=(4, 5)),
        Part(key="missing", name="", state=PartState.MISSING),
        Part(key="stale", name="", state=PartState.STALE),
        Part(key="whole", name="", state=PartState.COMPLETE),
        Part(key="elsewhere", name="", state=PartState.STALE, fillable=False),
    ]

    found = plan_refill(source, parts, READER)

    assert found.parts == ("left", "missing", "stale")
    assert found.unfinished == (4, 5)
    assert [request.key for request in found.requests] == ["fetch missing", "fetch stale"]
    assert source.refilled == ["missing", "stale"]


def test_a_complete_part_needs_nothing() -> None:
    assert not plan_refill(Charting(), [part()], READER)


def test_an_empty_reader_answers_everything_with_nothing() -> None:
    assert list(READER.rows("item", ["id"])) == []
    assert (READER.counts("item", "id"), READER.total("item"), READER.between("item", "id", 1, 9)) == ({}, 0, 0)
    assert READER.landed("key") is None

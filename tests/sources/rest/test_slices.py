"""Lists walked for each of some values, for the entries of a list of ids, and in windows of time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from engine.common.errors import BadBody, ConfigError
from engine.config.validation import convert
from engine.model.coverage import CoverageReader, PartState
from engine.model.source import Request, Response
from engine.model.walk import WalkReport
from sources.rest.config.options import RestOptions
from sources.rest.config.windows import Windows
from sources.rest.slices.time_windows import told, windows
from sources.rest.source import Rest
from tests.sources.driver import STARTED, Driver, respond
from tests.sources.planning import planned

DAY = timedelta(days=1)
START = datetime(2024, 11, 1, tzinfo=UTC)


def make(**endpoints: Any) -> Rest:
    return Rest(msgspec.convert({"base_url": "https://api.example.com", "endpoints": endpoints}, RestOptions))


def addresses(requests: Sequence[Request]) -> list[str]:
    return [request.url + "".join(f" {name}={value}" for name, value in request.params.items()) for request in requests]


def rows(driver: Driver, table: str) -> list[dict[str, Any]]:
    found = [dict(row) for (name, _), row in driver.rows.items() if name == table]
    return sorted(found, key=lambda row: row.get("id", 0))


# Lists of ids, and values


def test_a_list_of_bare_ids_has_children() -> None:
    """The shape of Hacker News: the list is [9, 8], and each item has an address of its own."""
    source = make(
        top={"path": "/topstories", "key": ["id"], "columns": {"id": "$:integer"}},
        item={"path": "/item/{parent.$}", "parent": "top", "key": ["id"], "columns": {"id": "id:integer"}},
    )

    def answer(request: Request) -> Response:
        if request.url == "/topstories":
            return respond([9, 8])
        return respond({"id": int(request.url.rpartition("/")[2])})

    driver = Driver(source, answer)
    driver.run()

    assert rows(driver, "top") == rows(driver, "item") == [{"id": 8}, {"id": 9}]


def test_null_below_a_parent_is_nothing_there_and_at_the_top_a_bad_body() -> None:
    """Hacker News answers null for an item that was deleted."""
    source = make(
        top={"path": "/topstories", "key": ["id"], "columns": {"id": "$:integer"}},
        item={"path": "/item/{parent.$}", "parent": "top", "items": "$", "key": ["id"]},
    )
    driver = Driver(source, lambda request: respond([9] if request.url == "/topstories" else None))

    driver.run()

    assert rows(driver, "item") == []
    assert driver.notes == ["item /item/9: null, nothing there"]
    driver.answer = lambda _: respond(None)
    with pytest.raises(BadBody, match="there are no items at auto"):
        driver.run(STARTED + DAY)


def test_an_endpoint_is_walked_for_each_entry_of_a_list_in_its_parents_item() -> None:
    source = make(
        story={"path": "/stories", "key": ["id"]},
        comment={
            "path": "/item/{slice}",
            "parent": "story",
            "values": "parent.kids",
            "key": ["id"],
            "columns": {"id": "id", "story": "parent.id:integer"},
        },
    )
    stories = [{"id": 1, "kids": [5, 6]}, {"id": 2}, {"id": 3, "kids": []}, {"id": 4, "kids": [6, None, {"a": 1}]}]

    def answer(request: Request) -> Response:
        return respond(stories if request.url == "/stories" else {"id": request.url[6:]})

    driver = Driver(source, answer)
    driver.run()

    assert addresses(driver.sent) == ["/stories", "/item/5", "/item/6"]
    assert rows(driver, "comment") == [{"id": "5", "story": 1}, {"id": "6", "story": 1}]
    assert driver.notes == ["2 items name nothing to ask further"]


def comments(**more: Any) -> Rest:
    return make(
        story={"path": "/stories", "key": ["id"]},
        comment={
            "path": "/item/{slice}",
            "parent": "story",
            "values": "parent.kids",
            "recursive": True,
            "items": "$",
            "key": ["id"],
            "columns": {"id": "id", "above": "parent.id:integer"},
            "paging": {"style": "none"},
            **more,
        },
    )


@pytest.mark.parametrize(("written", "levels", "completeness"), [({}, 100, "cut"), ({"max_depth": 3}, 3, "bounded")])
def test_a_tree_that_does_not_end_is_followed_to_a_bound_and_said_to_be_cut(
    written: dict[str, int], levels: int, completeness: str
) -> None:
    def answer(request: Request) -> Response:
        if request.url == "/stories":
            return respond([{"id": 1, "kids": [2]}])
        number = int(request.url[6:])
        return respond({"id": number, "kids": [2 * number, 2 * number + 1] if number < 2**40 else [number + 2**41]})

    driver = Driver(comments(**written), answer)
    driver.begin()
    driver.land(levels + 1)

    below = [end for page in driver.pages for end in page.ends if not end.place]
    deepest = max(int(request.context.get("depth", 0)) for request in (*driver.sent, *driver.pending))
    assert deepest == levels - 1
    assert [(end.completeness.value, end.part) for end in below] == [(completeness, "comment")]
    assert f"below level {levels}" in below[0].reason


def test_a_depth_of_lists_that_are_not_recursive_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"max_depth: is for lists below themselves; set recursive"):
        comments(recursive=False, max_depth=3)


def test_comments_on_comments_are_walked_to_any_depth_and_none_twice() -> None:
    source = comments()
    kids = {2: [3, 4], 3: [5], 4: [], 5: [2]}

    def answer(request: Request) -> Response:
        if request.url == "/stories":
            return respond([{"id": 1, "kids": [2]}])
        number = int(request.url[6:])
        return respond({"id": number, "kids": kids[number]})

    driver = Driver(source, answer)
    (_, plan) = planned(driver)
    driver.run()

    assert {row["id"]: row["above"] for row in rows(driver, "comment")} == {"2": 1, "3": 2, "4": 2, "5": 3}
    assert len(driver.sent) == 5
    assert (plan.requests_low, plan.requests_high) == (0, None)
    assert plan.why.endswith("one page for each entry of parent.kids, and for each of its own items")


def test_an_endpoint_is_walked_for_each_of_its_values_and_a_column_holds_the_value() -> None:
    source = make(
        city={
            "path": "/country/{slice}/cities",
            "values": ["de", "at/x", True],
            "columns": {"country": "slice", "name": "name"},
        }
    )

    driver = Driver(source, lambda _: respond([{"name": "X"}]))
    driver.run()

    assert addresses(driver.sent) == ["/country/de/cities", "/country/at%2Fx/cities", "/country/true/cities"]
    # equal items of two lists are two rows, as below two parents
    assert sorted(row["country"] for row in rows(driver, "city")) == ["at/x", "de", "true"]


def test_values_of_several_keys_fill_path_and_parameters() -> None:
    source = make(
        issue={
            "path": "/repos/{slice.owner}/{slice.repo}/issues",
            "values": [{"owner": "a", "repo": "b"}, {"owner": "c", "repo": "d"}],
            "params": {"creator": "{slice.owner}"},
        }
    )

    assert addresses([*source.seed(Driver(source, _never).memory)]) == [
        "/repos/a/b/issues creator=a",
        "/repos/c/d/issues creator=c",
    ]


def test_a_value_reaches_the_lists_of_items_below() -> None:
    source = make(
        group={"path": "/groups", "params": {"region": "{slice}"}, "values": ["eu", "us"], "key": ["id"]},
        user={
            "path": "/groups/{parent.id}/users",
            "parent": "group",
            "params": {"region": "{parent.slice}"},
            "columns": {"region": "parent.slice"},
        },
    )

    driver = Driver(source, lambda request: respond([{"id": 1 if request.params["region"] == "eu" else 2}]))
    driver.run()

    assert sorted(addresses(driver.sent)[:4]) == [
        "/groups region=eu",
        "/groups region=us",
        "/groups/1/users region=eu",
        "/groups/2/users region=us",
    ]
    assert sorted(row["region"] for row in rows(driver, "user")) == ["eu", "us"]


def test_each_list_of_values_has_an_increment_of_its_own() -> None:
    since = {"param": "since", "item": "at", "look_back": 0}
    source = make(post={"path": "/posts", "params": {"lang": "{slice}"}, "values": ["en", "de"], "since": since})
    newest = {"en": "2025-01-01T00:00:00Z", "de": "2024-01-01T00:00:00Z"}

    driver = Driver(source, lambda request: respond([{"id": 1, "at": newest[str(request.params["lang"])]}]))
    driver.run()
    driver.run(STARTED + DAY)

    assert {request.params["lang"]: request.params["since"] for request in driver.sent} == newest


# Windows


def configured(**windows: Any) -> Windows:
    return msgspec.convert({"from": "2024-11-15", **windows}, Windows)


@pytest.mark.parametrize(
    ("every", "starts"),
    [
        ("month", ["2024-11-15", "2024-12-01", "2025-01-01"]),
        ("quarter", ["2024-11-15", "2025-01-01"]),
        ("year", ["2024-11-15", "2025-01-01"]),
        ("week", ["2024-11-15", "2024-11-18", "2024-11-25"]),
        ("day", ["2024-11-15", "2024-11-16", "2024-11-17"]),
        ("hour", ["2024-11-15T00:00", "2024-11-15T01:00"]),
    ],
)
def test_windows_begin_with_the_calendar_and_leave_no_gap(every: str, starts: list[str]) -> None:
    now = datetime(2025, 1, 6, 12, tzinfo=UTC)

    found = windows(configured(every=every), now)

    begins = [one.start.replace(tzinfo=None).isoformat() for one in found[: len(starts)]]
    assert all(begin.startswith(start) for begin, start in zip(begins, starts, strict=True))
    assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]
    assert found[-1].start <= now < found[-1].end
    assert len({one.label for one in found}) == len(found)


@pytest.mark.parametrize(
    ("style", "end", "asked"),
    [
        ("date", "exclusive", ("2024-11-15", "2024-12-01")),
        ("date", "inclusive", ("2024-11-15", "2024-11-30")),
        ("iso", "exclusive", ("2024-11-15T00:00:00Z", "2024-12-01T00:00:00Z")),
        ("iso", "inclusive", ("2024-11-15T00:00:00Z", "2024-12-01T00:00:00Z")),
        ("unix", "inclusive", (1_731_628_800, 1_733_011_200)),
        ("unix_ms", "inclusive", (1_731_628_800_000, 1_733_011_200_000)),
        ("unix_ms", "exclusive", (1_731_628_800_000, 1_733_011_200_000)),
    ],
)
def test_an_api_is_told_the_ends_as_it_wants_them(style: str, end: str, asked: tuple[str | int, ...]) -> None:
    spans = configured(format=style, end=end)

    assert told(spans, windows(spans, STARTED)[0]) == asked


@pytest.mark.parametrize(("end", "last"), [("exclusive", "2024-11-21"), ("inclusive", "2024-11-20")])
def test_the_last_day_is_whole_where_the_last_window_ends_within_it(end: str, last: str) -> None:
    spans = configured(until="2024-11-20T10:00:00Z", end=end)

    assert [told(spans, one) for one in windows(spans, STARTED)] == [("2024-11-15", last)]


def _never(request: Request) -> Response:
    raise AssertionError(f"{request.key} was asked")


class Log:
    """An API with an event for each third day since November 2024, five on a page, filtered by creation."""

    def __init__(self) -> None:
        self.now = STARTED
        self.changed: dict[int, datetime] = {}

    def events(self) -> list[dict[str, Any]]:
        many = (self.now - START) // (3 * DAY) + 1
        made = [(number, START + number * 3 * DAY) for number in range(many)]
        return [
            {"id": number, "at": f"{at:%Y-%m-%d}", "changed": f"{self.changed.get(number, at):%Y-%m-%dT%H:%M:%SZ}"}
            for number, at in made
        ]

    def __call__(self, request: Request) -> Response:
        asked = {name: str(value) for name, value in request.params.items()}
        found = [
            event
            for event in self.events()
            if asked.get("after", "") <= event["at"] < asked.get("before", "9")
            and asked.get("since", "") <= event["changed"]
        ]
        page = int(asked.get("page", 1))
        return respond({"data": found[5 * page - 5 : 5 * page], "pages": -(-len(found) // 5)})


SPANS = {"from": "2024-11-01", "every": "month", "start_param": "after", "end_param": "before"}
EVENTS: dict[str, Any] = {
    "path": "/events",
    "key": ["id"],
    "columns": {"id": "id:integer", "at": "at", "changed": "changed"},
    "paging": {"style": "page_number", "last": "pages"},
    "windows": SPANS,
}
MONTHS = ["2024-11-01", "2024-12-01", "2025-01-01", "2025-02-01", "2025-03-01"]


def months(driver: Driver) -> list[str]:
    return sorted({str(request.params.get("after", "-")) for request in driver.sent})


def test_all_windows_are_asked_for_at_once_and_bring_every_row() -> None:
    log = Log()
    driver = Driver(make(event=EVENTS), log)

    driver.begin()
    at_once = len(driver.pending)
    driver.land()

    assert at_once == 5
    assert rows(driver, "event") == log.events()


def test_a_window_that_is_whole_is_not_asked_for_again_and_the_newest_is() -> None:
    driver = Driver(make(event=EVENTS), log := Log())
    driver.run()
    log.now += 35 * DAY

    driver.run(log.now)

    assert months(driver) == ["2025-03-01", "2025-04-01"]
    assert rows(driver, "event") == log.events()
    driver.run(log.now + DAY, full=True)
    assert months(driver) == [*MONTHS, "2025-04-01"]


def test_a_window_that_has_just_ended_is_asked_for_once_more() -> None:
    driver = Driver(make(event=EVENTS), Log())

    driver.run(datetime(2025, 3, 1, 0, 30, tzinfo=UTC))
    driver.run(datetime(2025, 3, 2, tzinfo=UTC))

    assert months(driver) == ["2025-02-01", "2025-03-01"]


def test_a_kill_in_the_middle_goes_on_with_the_windows_that_are_not_whole() -> None:
    driver = Driver(make(event=EVENTS), log := Log())
    driver.begin()
    driver.land(7)
    whole = driver.covered["event /events windows"]

    driver.begin(STARTED + DAY)
    driver.land()

    assert whole
    assert 0 < len(months(driver)) < 5
    assert rows(driver, "event") == log.events()


def test_a_window_whose_walk_was_cut_is_asked_for_again() -> None:
    bad = {**EVENTS, "paging": {"style": "cursor_body", "next": "next", "param": "c"}}
    driver = Driver(make(event=bad), lambda _: respond({"data": [{"id": 1}], "next": "same"}))

    driver.run()
    driver.run(STARTED + DAY)

    assert months(driver) == MONTHS


def test_windows_with_an_end_are_never_asked_for_again() -> None:
    source = make(event={**EVENTS, "windows": {**SPANS, "until": "2025-02-01"}})
    driver = Driver(source, Log())
    driver.run()
    assert months(driver) == MONTHS[:3]

    driver.run(STARTED + 90 * DAY)

    assert driver.sent == []


def test_equal_items_of_two_windows_are_one_row() -> None:
    source = make(event={"path": "/e", "windows": SPANS, "columns": {"name": "name"}})
    driver = Driver(source, lambda _: respond([{"name": "x"}]))

    driver.run()

    assert len(driver.sent) == 5
    assert len(driver.rows) == 1


def test_ends_of_a_window_may_stand_in_a_path_or_within_a_parameter() -> None:
    spans = {"from": "2025-02-01", "every": "month"}
    source = make(
        found={"path": "/search/{slice.start}", "params": {"q": "made:{slice.start}..{slice.end}"}, "windows": spans}
    )
    driver = Driver(source, lambda _: respond([{"id": 1}]))

    driver.run()

    assert addresses(driver.sent) == [
        "/search/2025-02-01 q=made:2025-02-01..2025-03-01",
        "/search/2025-03-01 q=made:2025-03-01..2025-04-01",
    ]
    assert list(driver.covered) == ["found /search/%2A windows"]


def test_the_plan_multiplies_items_by_values_and_windows() -> None:
    source = make(
        repo={"path": "/repos", "key": ["id"], "paging": {"style": "none"}},
        commit={
            "path": "/repos/{parent.id}/{slice}",
            "parent": "repo",
            "values": ["main", "next"],
            "windows": {**SPANS, "from": "2025-02-01"},
            "paging": {"style": "none"},
        },
    )
    driver = Driver(source, lambda request: respond([{"id": 1}, {"id": 2}] if request.url == "/repos" else []))
    (_, first) = planned(driver)
    driver.run()
    asked = len(driver.sent) - 1

    (_, again) = planned(driver)
    driver.run(STARTED + DAY)

    assert (first.requests_low, first.requests_high) == (8, 8) == (asked, asked)
    assert again.requests_low == len(driver.sent) - 1 == 4
    assert first.why == (
        "commit: for each of 2 items of repo: one page for each of 2 values for each month from 2025-02-01"
        " that is not whole yet"
    )


def test_each_value_and_each_item_above_has_windows_of_its_own() -> None:
    source = make(
        repo={"path": "/repos", "key": ["id"]},
        commit={
            "path": "/repos/{parent.id}/commits",
            "parent": "repo",
            "params": {"branch": "{slice}"},
            "values": ["main", "next"],
            "windows": {**SPANS, "from": "2025-02-01"},
        },
    )
    driver = Driver(source, lambda request: respond([{"id": 1}, {"id": 2}] if request.url == "/repos" else []))
    driver.run()
    first = len(driver.sent)

    driver.run(STARTED + DAY)

    assert first == 1 + 2 * 2 * 2
    assert len(driver.sent) == 1 + 2 * 2
    assert driver.notes == []


# A backfill in windows, apart from the increment

BACKFILL = {**EVENTS, "since": {"param": "since", "item": "changed", "look_back": 0}}


def test_a_backfill_runs_beside_the_increment_and_is_made_once() -> None:
    driver = Driver(make(event=BACKFILL), log := Log())
    driver.run()
    assert months(driver) == ["-", *MONTHS[:4]]
    assert driver.sent[0].params["since"] == "2025-03-01T00:00:00Z"
    assert rows(driver, "event") == log.events()

    log.now += 65 * DAY
    log.changed[2] = log.now
    driver.run(log.now)

    assert months(driver) == ["-"]
    assert rows(driver, "event") == log.events()


def test_an_increment_that_brings_nothing_leaves_its_place() -> None:
    driver = Driver(make(event=BACKFILL), log := Log())
    driver.run()
    log.now += 40 * DAY
    driver.run(log.now)
    place = dict(driver.cursors)
    driver.answer = lambda _: respond({"data": [], "pages": 0})

    driver.run(log.now + DAY)

    assert driver.cursors == place


def test_a_backfill_that_was_killed_goes_on_in_a_later_month_though_its_increment_was_whole() -> None:
    driver = Driver(make(event=BACKFILL), log := Log())
    driver.begin()
    driver.land(4)
    assert driver.cursors
    log.now += 65 * DAY

    driver.run(log.now)

    assert "2025-03-01" not in months(driver)
    assert len(months(driver)) > 1
    assert rows(driver, "event") == log.events()


# The plan and the map


def test_the_plan_counts_the_windows_that_are_left() -> None:
    driver = Driver(make(event=EVENTS), Log())
    (first,) = planned(driver)
    driver.run()
    sent = len(driver.sent)

    (again,) = planned(driver)

    assert first.requests_low == 5 <= sent
    assert first.why == "event: 5 windows of a month from 2024-11-01: a page or more, at most 1,000 (max_pages)"
    assert again.requests_low == 1
    assert again.why.startswith("event: 1 of 5 windows of a month from 2024-11-01")
    assert again.naive_requests == 5


def test_the_plan_counts_values() -> None:
    source = make(city={"path": "/{slice}", "values": ["a", "b", "c"], "paging": {"style": "none"}})

    (estimate,) = planned(Driver(source, _never))

    assert (estimate.requests_low, estimate.requests_high) == (3, 3)
    assert estimate.why == "city: 3 values: one page"


def test_the_map_counts_the_walks_that_are_missing() -> None:
    source = make(event=EVENTS)
    driver = Driver(source, Log())

    def part() -> tuple[PartState, str, int]:
        landed = {request.key: STARTED.timestamp() for request in driver.sent}
        reader = CoverageReader(
            memory=driver.remember(STARTED, full=False),
            landed=landed.get,
            total=lambda _: len(driver.rows),
            ends={"event": WalkReport(whole=1)} if driver.sent else {},
        )
        (found,) = source.parts(reader)
        return found.state, found.detail, len(list(source.refill("event", reader)))

    assert part() == (PartState.MISSING, "not walked yet", 5)
    driver.begin()
    driver.land(6)
    state, detail, left = part()
    assert (state, 0 < left < 5) == (PartState.STALE, True)
    assert detail.endswith("of event to make")
    driver.land()
    assert part() == (PartState.COMPLETE, "", 1)


# Configurations that mean nothing


@pytest.mark.parametrize(
    ("endpoint", "says"),
    [
        ({"values": ["a"]}, r"endpoints\.x\.values: nothing uses them; name one with \{slice\} in path or params"),
        ({"path": "/{slice}"}, r"endpoints\.x\.path: \{slice\} means nothing here"),
        ({"path": "/{slice}", "values": [{"a": 1}]}, r"endpoints\.x\.values\.0: is a table, and \{slice\} is one"),
        ({"path": "/{slice.b}", "values": [{"a": 1}]}, r'values\.0: has no "b", which \{slice\.b\} wants'),
        ({"path": "/{slice.a}", "values": [{"a": 1}, 2]}, r'values\.1: has no "a", which \{slice\.a\} wants'),
        ({"path": "/{slice.a}", "values": [{"a": 1, "end": 1}]}, r'values\.0: "start" and "end" are the ends of a'),
        ({"path": "/{slice}", "values": "parent.kids"}, r'values: "parent\.kids" is a list in the item of a parent'),
        ({"path": "/{slice}", "values": "kids"}, r'values: got "kids", want a list, or the path of one in the parent'),
        ({"windows": {"from": "2019-02-30", "start_param": "a"}}, r'windows\.from: "2019-02-30" is no day of the cal'),
        ({"windows": {"from": "yesterday", "start_param": "a"}}, r"`\$\.endpoints\[\.\.\.\]\.windows\.from`"),
        ({"windows": {"from": "2019-01-01"}}, r"windows\.start_param: is missing; name the parameter"),
        ({"windows": {**SPANS, "until": "2024-11-01"}}, r'windows\.until: "2024-11-01" is not after from = "2024-11'),
        ({"windows": {**SPANS, "every": "hour"}}, r'windows\.format: "date" cannot tell one hour from the next'),
        (
            {"windows": SPANS, "since": {"param": "s", "item": "at", "format": "number"}},
            r'since\.format: "number" is no time, and windows are times',
        ),
        (
            {"windows": SPANS, "since": {"param": "s", "item": "at", "start": "2019-01-01"}},
            r"since\.start: has no use with windows",
        ),
        (
            {"path": "/{slice.start}", "windows": SPANS, "since": {"param": "s", "item": "at"}},
            r"windows: with since, windows need start_param and end_param",
        ),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(endpoint: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        make(x={"path": "/x", **endpoint})


def test_an_endpoint_that_feeds_itself_needs_a_beginning() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"endpoints\.x\.recursive: has no parent; name the endpoint"):
        make(x={"path": "/x", "recursive": True})
    with pytest.raises(msgspec.ValidationError, match=r"recursive: \{parent\.parent\} is another item on each level"):
        make(
            a={"path": "/a"},
            up={"path": "/up/{parent.id}", "parent": "a"},
            x={"path": "/x/{parent.parent.id}", "parent": "up", "recursive": True},
        )


def test_a_child_that_is_the_same_for_every_item_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="it is the same for every item of up"):
        make(up={"path": "/up"}, x={"path": "/x/{slice}", "parent": "up", "values": ["a"]})


def test_values_are_checked_again_and_again_without_harm() -> None:
    """The type of `values` once had a pattern beside a list, of which msgspec 0.22 died after some hundred checks."""
    endpoint = {"path": "/a/{parent.id}/{slice}", "parent": "top", "values": "parent.kids"}
    table = {"base_url": "https://x.example", "endpoints": {"top": {"path": "/top"}, "a": endpoint}}

    for _ in range(2_000):
        convert(table, RestOptions, name=".".join)

    with pytest.raises(ConfigError, match=r'values: got "kids", want a list, or the path of one'):
        convert({**table, "endpoints": {"a": {"path": "/{slice}", "values": "kids"}}}, RestOptions, name=".".join)

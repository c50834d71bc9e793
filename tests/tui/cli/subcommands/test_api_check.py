"""What `fetchdeck check` asks an API, and what it says of the answers."""

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest

from engine.common.errors import ConnectFailed, TransportError
from engine.model.capabilities import Estimator
from engine.model.source import Memory, RateBudget, Request, Response
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.fakes import FakeSource, FakeTransport, answer
from tui.cli.subcommands.api_check import answers, pause_of
from tui.cli.subcommands.findings import Finding

Script = Callable[[Request], Response | TransportError]
AUTH = {"type": "bearer", "env": "SHOP_TOKEN"}
USERS = [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Ben"}]
FAMILY = {
    "posts": {"path": "/users/{parent.id}/posts", "parent": "users", "key": ["id"]},
    "users": {"path": "/users", "key": ["id"], "columns": {"name": "name"}},
}


def shop(endpoints: dict[str, Any] = FAMILY, **options: Any) -> Rest:
    given = {"base_url": "https://api.example.com", "endpoints": endpoints, **options}
    return Rest(msgspec.convert(given, RestOptions), name="shop")


def checked(source: Any, script: Script, place: str = "") -> tuple[list[Finding], list[str]]:
    """Check a source; return what was found, and the keys of what was asked for."""
    transport = FakeTransport(lambda request, _: script(request), latency=0)
    found = list(answers(source, transport, 1.7e9, place))
    assert transport.closed
    return found, [key for _, key in transport.sent]


def by_url(pages: dict[str, Response]) -> Script:
    return lambda request: pages[request.url]


def test_each_list_is_asked_for_one_page_its_parent_first_and_a_row_is_shown() -> None:
    found, asked = checked(shop(), by_url({"/users": answer(USERS), "/users/1/posts": answer([{"id": 9}])}))

    assert [one.well for one in found] == [True, True]
    assert [(one.what, one.detail) for one in found] == [
        ("shop users", "GET /users answers (200, 0.10 s): 2 items; id = 1, name = Ada"),
        ("shop posts", "GET /users/1/posts answers (200, 0.10 s): 1 item; id = 9"),
    ]
    assert asked == ["users /users", "posts /users/1/posts"]


def test_a_list_of_many_pages_is_asked_for_its_first_one_only() -> None:
    paged = {"users": {"path": "/users", "key": ["id"], "paging": {"style": "page_number", "size": 2}}}

    _, asked = checked(shop(paged), by_url({"/users": answer(USERS)}))

    assert asked == ["users /users"]


def test_a_refused_credential_fails_and_nothing_more_is_asked() -> None:
    found, asked = checked(shop(auth=AUTH), lambda _: answer(status=401))

    assert [(one.well, one.asked) for one in found] == [(False, True), (True, False)]
    assert found[0].detail == "GET /users refuses the token in the header Authorization (401): make a new one"
    assert found[1].detail == "not asked for: the credential is refused"
    assert len(asked) == 1


def test_an_api_that_wants_a_credential_nobody_configured_says_so() -> None:
    found, _ = checked(shop(), lambda _: answer(status=401))

    assert found[0].detail == "GET /users wants a credential (401), and none is configured"


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (answer(status=404), "answers 404 Not Found: check path, and base_url"),
        (answer({"message": "no"}, status=403), "answers 403 Forbidden: no: the credential may not see it"),
        (answer(status=429), "answers 429 Too Many Requests"),
        (answer(status=503), "answers 503 Service Unavailable: try later"),
        (answer([]), "no items are found; check path, params and items"),
        (answer([{"name": "without a key"}]), "answers what cannot be used"),
        (answer("a text"), "answers what cannot be used"),
    ],
)
def test_what_would_bring_no_rows_fails_with_the_way_out(response: Response, says: str) -> None:
    found, _ = checked(shop(), lambda _: response)

    assert not found[0].well
    assert says in found[0].detail
    assert found[1].detail == "not asked for: it needs a row of users, and there is none"


def test_of_a_list_in_several_parts_the_last_is_asked_for_where_the_first_is_empty() -> None:
    class Windows(FakeSource):
        endpoints: ClassVar[dict[str, str]] = {"item": ""}

        def endpoint_of(self, request: Request) -> str:
            return "item"

        def seed(self, memory: Memory) -> list[Request]:
            return [self.page(number) for number in range(9)]

    found, asked = checked(Windows(), lambda request: answer([] if request.key == "page 0" else [7]))

    assert asked == ["page 0", "page 8"]
    assert (found[0].well, found[0].detail) == (
        True,
        "GET /items?page=8 answers (200, 0.10 s): 1 item; id = 7, title = t7",
    )


def test_a_list_that_is_skipped_where_it_is_not_there_has_no_items_all_the_same() -> None:
    found, _ = checked(shop({"users": {"path": "/users", "skip": [404]}}), lambda _: answer(status=404))

    assert not found[0].well
    assert "no items are found (users /users: 404, nothing there)" in found[0].detail


def test_below_a_parent_another_row_is_tried_where_nothing_is_there() -> None:
    pages = {"/users": answer(USERS), "/users/1/posts": answer(status=404), "/users/2/posts": answer([{"id": 9}])}

    found, _ = checked(shop(), by_url(pages))

    assert [one.well for one in found] == [True, True]
    assert found[1].detail.startswith("GET /users/2/posts answers (200")


def test_a_path_below_a_parent_that_is_there_for_no_row_fails() -> None:
    rows = [{"id": number, "name": "x"} for number in range(9)]

    found, asked = checked(shop(), lambda request: answer(rows) if request.url == "/users" else answer(status=404))

    assert [one.well for one in found] == [True, False]
    assert "nothing is there, and so for 3 rows of users: check path" in found[1].detail
    assert len(asked) == 4


def test_a_list_below_a_parent_may_be_empty() -> None:
    found, _ = checked(shop(), by_url({"/users": answer(USERS), "/users/1/posts": answer([])}))

    assert found[1].well
    assert found[1].detail == "GET /users/1/posts answers (200, 0.10 s): no items below this row of users"


def test_an_api_that_cannot_be_reached_is_asked_once() -> None:
    found, asked = checked(shop(), lambda _: ConnectFailed("refused"))

    assert not found[0].well
    assert "https://api.example.com cannot be reached: refused" in found[0].detail
    assert not found[1].asked
    assert len(asked) == 1


def test_the_values_of_a_row_are_text_and_nothing_else() -> None:
    hostile = [{"id": 1, "name": "[bold red]\x1b[31m\n\u202e" + "x" * 500}]

    found, _ = checked(shop({"users": FAMILY["users"]}), lambda _: answer(hostile))
    line = found[0].text("utf-8")

    assert "[bold red]" in line
    assert line.isprintable()
    assert len(line) < 250


class Accounts(FakeSource, Estimator):
    """A source whose estimate asks for some accounts."""

    names = ("a", "b")

    def probes(self, memory: Memory) -> list[Request]:
        assert memory.full
        return [Request(key=name, url=f"/orgs/{name}") for name in self.names]

    def learn(self, request: Request, response: Response) -> dict[str, int]:
        return {request.key: response.json(int)}

    def estimate(self, memory: Memory, known: Any) -> list[Any]:
        return []


def test_other_sources_send_the_probes_of_their_estimate() -> None:
    found, asked = checked(Accounts(), by_url({"/orgs/a": answer(3), "/orgs/b": answer(status=404)}))

    assert asked == ["a", "b"]
    assert [(one.well, one.what) for one in found] == [(True, "fake"), (False, "fake")]
    assert found[0].detail == "http://fake GET /orgs/a answers (200, 0.10 s)"
    assert found[1].detail == "http://fake GET /orgs/b answers 404 Not Found: check path, and base_url"


@pytest.mark.parametrize(
    ("response", "says"),
    [
        (answer(status=401), "wants a credential (401), and none is configured"),
        (answer("text"), "answers what is not understood"),
        (ConnectFailed("refused"), "http://fake cannot be reached: refused"),
    ],
)
def test_a_probe_that_brings_nothing_fails(response: Response | TransportError, says: str) -> None:
    found, _ = checked(Accounts(), lambda _: response)

    assert not found[0].well
    assert says in found[0].detail


def test_of_many_accounts_a_few_are_asked_for() -> None:
    source = Accounts()
    source.names = tuple("abcdefgh")  # type: ignore[assignment] # of another length

    found, asked = checked(source, lambda _: answer(1))

    assert len(asked) == 5
    assert (found[-1].asked, found[-1].detail) == (False, "3 more were not asked for")


@pytest.mark.parametrize("status", [200, 403, 404, 429])
def test_a_source_without_probes_is_asked_for_its_address_and_any_answer_shows_that_it_is_there(status: int) -> None:
    found, _ = checked(FakeSource(), lambda _: answer(status=status))

    assert [(one.well, one.detail) for one in found] == [(True, f"http://fake answers ({status}, 0.10 s)")]


@pytest.mark.parametrize(
    ("result", "detail"),
    [
        (answer(status=401), "http://fake wants a credential (401), and none is configured"),
        (answer(status=503), "http://fake is ailing (503): try later"),
        (
            ConnectFailed("refused"),
            "http://fake cannot be reached: refused; check the network, the proxy and base_url",
        ),
    ],
)
def test_what_would_stop_a_harvest_is_named_with_the_way_out(result: Response | TransportError, detail: str) -> None:
    (finding,), _ = checked(FakeSource(), lambda _: result)

    assert not finding.well
    assert finding.detail == detail


@pytest.mark.parametrize(
    ("budget", "pause"),
    [
        (RateBudget(), 0.0),
        (RateBudget(requests=60, per=60), 0.0),
        (RateBudget(requests=1, per=2), 2.0),
        (RateBudget(requests=2, per=3600), 10.0),
    ],
)
def test_more_lists_than_a_limit_allows_at_once_are_asked_for_at_its_pace(budget: RateBudget, pause: float) -> None:
    assert pause_of(FakeSource(budgets=(budget,)), 3) == pause


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"type": "query", "name": "api_key"}, "refuses the token from SHOP_TOKEN in the parameter api_key (401)"),
        ({"type": "cookie", "name": "me"}, "refuses the token from SHOP_TOKEN in the cookie me (401)"),
        (
            {"type": "header", "name": "X-Key", "also": [{"name": "X-App", "env": "APP"}]},
            "refuses the token from SHOP_TOKEN in the header X-Key and the header X-App (401)",
        ),
    ],
)
def test_a_refused_secret_is_told_by_its_carrier_and_its_place(auth: dict[str, Any], said: str) -> None:
    found, _ = checked(shop(auth=auth), lambda _: answer(status=401), "SHOP_TOKEN")

    assert said in found[0].detail


def test_columns_that_find_nothing_are_named_with_their_path() -> None:
    columns = {"name": "nme", "etag": "@odata.etag", "type": "@odata.kind:integer", "always": {"value": "x"}}
    users = {"users": {"path": "/users", "key": ["id"], "columns": columns}}
    page = [{"id": 1, "@odata.etag": "a", "@odata.kind": 4}, {"id": 2, "name": None, "@odata.etag": "b"}]

    found, _ = checked(shop(users), by_url({"/users": answer(page)}))

    assert [(one.well, one.asked) for one in found] == [(True, True), *[(True, False)] * 3]
    assert [one.detail for one in found[1:]] == [
        'column name finds nothing at "nme" in 2 items',
        """column etag finds nothing at "@odata.etag" in 2 items: write "'@odata.etag'\"""",
        """column type finds nothing at "@odata.kind" in 2 items: write "'@odata.kind':integer\"""",
    ]


def test_a_column_that_one_item_has_is_none_that_finds_nothing() -> None:
    users = {"users": {"path": "/users", "key": ["id"], "columns": {"name": "name"}}}

    found, _ = checked(shop(users), by_url({"/users": answer([{"id": 1}, {"id": 2, "name": "Ben"}])}))

    assert len(found) == 1


def test_a_placeholder_that_nothing_fills_is_named_with_what_there_is() -> None:
    posts = {"path": "/users/{parent.uid}/posts", "parent": "users", "key": ["id"]}

    found, asked = checked(shop({**FAMILY, "posts": posts}), by_url({"/users": answer(USERS)}))

    assert (found[1].well, found[1].what) == (False, "shop posts")
    assert found[1].detail == (
        "not asked for: nothing fills {parent.uid}: 2 items of users have no such value, they have id, name"
    )
    assert len(asked) == 1

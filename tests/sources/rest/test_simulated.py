"""The rest source against the built-in API: the same users by every style of paging, configured and found out."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from simulator.common.settings import FaultRule
from simulator.config import quiet
from simulator.registry import kind
from simulator.rest.world import RestWorld
from simulator.testing import Running, running
from sources.rest.config.options import RestOptions
from sources.rest.source import Rest
from tests.harvesting import harvest, rows
from tests.sources.driver import STARTED
from tests.sources.fake_anilist import StoringDriver
from tests.sources.rest_styles import EVENTS, POSTS, STYLES, users
from tests.sources.simulated import Asking

EXAMPLES = Path(__file__).parents[3] / "examples"
WORLD = RestWorld(1, sizes=quiet(apis=["rest"]).api("rest").sizes)


@pytest.fixture(scope="module")
def simulator() -> Iterator[Running]:
    with running(quiet(apis=["rest"])) as server:
        yield server


@pytest.fixture
def base(simulator: Running) -> str:
    simulator.reset("rest")
    simulator.faults("rest")
    return simulator.base_url("rest")


def play(base: str, endpoints: dict[str, Any], **options: Any) -> StoringDriver:
    source = Rest(msgspec.convert({"base_url": base, "endpoints": endpoints, **options}, RestOptions))
    asking = Asking({"core": base})
    driver = StoringDriver(source, asking)
    driver.run()
    asking.close()
    return driver


def test_the_example_for_the_simulator_brings_all_of_it_and_is_right_after_a_second_run(
    tmp_path: Path, base: str
) -> None:
    document = tomllib.loads((EXAMPLES / "rest-simulator.toml").read_text(encoding="utf-8"))
    table = {key: value for key, value in document["sources"]["harbour"].items() if key not in {"kind", "token_env"}}
    database = tmp_path / "h.db"

    for _ in range(2):
        source = Rest(msgspec.convert({**table, "base_url": base}, RestOptions), name="harbour")
        ended = harvest(source, database, token=None).groups[0]
        assert (ended.failed, ended.walks.cut) == (0, 0)

    users = [(user["id"], user["name"], user["address"]["city"], user["address"]["geo"]) for user in WORLD.users()]
    assert rows(database, "select id, name, city, geo from harbour_users order by id") == users
    posts = [(post["id"], user["name"]) for user in WORLD.users() for post in WORLD.posts(user["id"]) or ()]
    assert rows(database, "select id, author from harbour_posts order by id") == sorted(posts)
    events = [(event["id"], event["kind"]) for event in WORLD.events()]
    assert rows(database, "select id, kind from harbour_events order by id") == sorted(events)


def expected() -> list[dict[str, Any]]:
    return [
        {"id": user["id"], "name": user["name"], "city": user["address"]["city"], "geo": user["address"]["geo"]}
        for user in WORLD.users()
    ]


def stored(driver: StoringDriver) -> list[dict[str, Any]]:
    return sorted(driver.table("users"), key=lambda row: int(row["id"]))


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_paging_brings_every_user(base: str, style: str) -> None:
    driver = play(base, {"users": users(style)})

    assert stored(driver) == expected()
    assert driver.notes == []


@pytest.mark.parametrize("style", [style for style in STYLES if style not in {"offsets", "keyset"}])
def test_paging_and_items_are_found_out_where_nothing_is_said(base: str, style: str) -> None:
    driver = play(base, {"users": users(style, configured=False)})

    assert stored(driver) == expected()


@pytest.mark.parametrize("style", STYLES)
def test_a_list_that_never_ends_is_ended(simulator: Running, base: str, style: str) -> None:
    simulator.faults("rest", FaultRule(fault="endless-next", every=1))

    driver = play(base, {"users": users(style, max_pages=9)})

    assert len(driver.sent) <= 9


def test_lists_of_items_are_asked_for_before_the_next_page(base: str) -> None:
    endpoints = {
        "users": {"path": "/cursors/users", "key": ["id"], "columns": {"id": "id:integer"}},
        "posts": {**POSTS, "columns": {"id": "id:integer", "author": "parent.name", "title": "title"}},
    }

    driver = play(base, endpoints)

    names = {user["id"]: user["name"] for user in WORLD.users()}
    wanted = {post["id"]: names[user] for user in names for post in WORLD.posts(user) or ()}
    assert {row["id"]: row["author"] for row in driver.table("posts")} == wanted
    assert [request.route for request in driver.sent[:41]] == ["/cursors/users", *["/users/{parent.id}/posts"] * 40]


def test_a_second_run_asks_for_what_changed_since(request: pytest.FixtureRequest, base: str) -> None:
    endpoint = {**EVENTS, "since": {**EVENTS["since"], "look_back": 3600}}
    asking = Asking({"core": base})
    request.addfinalizer(asking.close)
    source = Rest(msgspec.convert({"base_url": base, "endpoints": {"events": endpoint}}, RestOptions))
    driver = StoringDriver(source, asking)
    driver.run(STARTED + timedelta(days=1000))
    first, rows = len(driver.sent), dict(driver.rows)

    driver.run(STARTED + timedelta(days=1001))

    assert (first, len(driver.sent)) == (3, 1)
    assert driver.rows == rows
    assert driver.sent[0].params["since"] == "2026-03-31T23:00:00Z"
    assert len(driver.pages[0].records) < 10
    driver.run(STARTED + timedelta(days=1002), full=True)
    assert len(driver.sent) == 3


def test_the_simulator_knows_every_path_that_is_asked(simulator: Running, base: str) -> None:
    for style, paging in STYLES.items():
        play(base, {"users": {"path": f"/{style}/users", "paging": paging}})

    assert kind("rest").name == "rest"
    assert "(none)" not in simulator.stats("rest")["routes"]
    assert set(simulator.stats("rest")["statuses"]) <= {200, "200"}

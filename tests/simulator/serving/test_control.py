from collections.abc import Iterator

import httpx2 as httpx
import pytest

from simulator.common.settings import FAULTS
from simulator.config import quiet
from simulator.registry import names
from simulator.testing import Running, running


@pytest.fixture
def server() -> Iterator[Running]:
    with running(quiet()) as opened:
        yield opened


@pytest.fixture
def client(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"User-Agent": "tests"}) as opened:
        yield opened


def test_statistics_are_told_for_each_api(client: httpx.Client, server: Running) -> None:
    client.get("/github/orgs/aurora")

    stats = client.get("/_simulator/stats").json()

    assert set(stats) == set(names())
    assert stats["github"] == server.stats("github")
    assert stats["github"]["routes"] == {"/orgs/{login}": 1}
    assert stats["pr0gramm"]["requests"] == 0


def test_the_index_lists_apis_and_faults(client: httpx.Client) -> None:
    index = client.get("/_simulator/").json()

    assert index["apis"] == list(names())
    assert index["faults"] == dict(FAULTS)


def test_faults_can_be_switched_while_it_runs(client: httpx.Client) -> None:
    order = {"api": "github", "rules": [{"fault": "500", "every": 1}]}

    answer = client.post("/_simulator/faults", json=order)
    failed = client.get("/github/orgs/aurora").status_code
    client.post("/_simulator/faults", json={"add": True, "api": "github", "rules": [{"fault": "502", "rate": 0.5}]})
    listed = client.post("/_simulator/faults", json={"add": True, "rules": []}).json()
    client.post("/_simulator/faults", json={"rules": []})
    healed = client.get("/github/orgs/aurora").status_code

    assert [rule["fault"] for rule in answer.json()["github"]] == ["500"]
    assert [rule["fault"] for rule in listed["github"]] == ["500", "502"]
    assert (failed, healed) == (500, 200)


def test_capacity_can_be_changed_in_part(client: httpx.Client) -> None:
    client.post("/_simulator/station", json={"api": "github", "workers": 4, "latency": 0.001})

    both = client.post("/_simulator/station", json={"delay": 0.002}).json()
    unbound = client.post("/_simulator/station", json={"workers": 0}).json()

    assert both["github"] == {"workers": 4, "latency": 0.001, "spread": 0, "delay": 0.002}
    assert both["pr0gramm"] == {"workers": None, "latency": 0, "spread": 0, "delay": 0.002}
    assert unbound["github"]["workers"] is None
    assert client.get("/github/orgs/aurora").status_code == 200


def test_a_reset_forgets_one_api_or_all(client: httpx.Client) -> None:
    for path in ("/github/orgs/aurora", "/pr0gramm/api/items/get"):
        client.get(path)

    one = client.post("/_simulator/reset", json={"api": "github"}).json()
    both = client.post("/_simulator/reset").json()

    assert [one[name]["requests"] for name in ("github", "pr0gramm")] == [0, 1]
    assert [both[name]["requests"] for name in ("github", "pr0gramm")] == [0, 0]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("faults", {"rules": [{"fault": "flood"}]}, "there is no fault 'flood'"),
        ("faults", {"api": "gopher", "rules": []}, "no API 'gopher' is served here"),
        ("faults", {}, "missing required field `rules`"),
        ("station", {"workers": "many"}, "Expected `int | null`, got `str`"),
        ("station", {"workers": -1}, "at least 1 worker"),
        ("station", {"speed": 1}, "unknown field `speed`"),
        ("reset", {"api": "gopher"}, "no API 'gopher'"),
    ],
)
def test_an_order_that_means_nothing_is_400(client: httpx.Client, path: str, body: object, says: str) -> None:
    answer = client.post(f"/_simulator/{path}", json=body)

    assert answer.status_code == 400
    assert says in answer.json()["message"]


def test_a_path_of_no_api_says_which_there_are(client: httpx.Client) -> None:
    answer = client.get("/gopher/projects")

    assert answer.status_code == 404
    assert all(f"/{name}/" in answer.json()["message"] for name in names())

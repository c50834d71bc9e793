from dataclasses import replace
from typing import Any

import httpx2 as httpx
import pytest

from simulator.config import quiet
from simulator.pr0gramm.world import ALL_FLAGS, SFW, Pr0grammWorld
from simulator.testing import running


def feed(client: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = client.get("/pr0gramm/api/items/get", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("promoted", [0, 1])
def test_walking_the_feed_gives_the_ground_truth(client: httpx.Client, pr0gramm: Pr0grammWorld, promoted: int) -> None:
    key = "promoted" if promoted else "id"
    page = feed(client, flags=ALL_FLAGS, promoted=promoted)
    met = page["items"]
    while not page["atEnd"]:
        page = feed(client, flags=ALL_FLAGS, promoted=promoted, older=met[-1][key])
        met += page["items"]

    expected = {item.id for item in pr0gramm.items() if item.promoted or not promoted}
    assert [item[key] for item in met] == sorted((item[key] for item in met), reverse=True)
    assert {item["id"] for item in met} == expected
    assert len(met) == len(expected)


def test_the_first_page_has_120_items_and_says_so(client: httpx.Client) -> None:
    page = feed(client, flags=ALL_FLAGS)

    assert (len(page["items"]), page["atStart"], page["atEnd"], page["error"]) == (120, True, False, None)
    assert {"ts", "cache", "rt", "qc"} <= set(page)


def test_only_what_the_flags_ask_for_is_shown(client: httpx.Client) -> None:
    assert {item["flags"] for item in feed(client, flags=6)["items"]} == {2, 4}
    assert {item["flags"] for item in feed(client)["items"]} == {SFW}


def test_nothing_found_is_the_recorded_trap_of_no_items_and_no_end(client: httpx.Client) -> None:
    for parameters in ({"flags": 0}, {"flags": 31, "tags": "!nothing"}):
        page = feed(client, **parameters)

        assert (page["items"], page["atEnd"], page["error"]) == ([], False, None)


def test_a_search_finds_what_has_all_its_tags(client: httpx.Client, pr0gramm: Pr0grammWorld) -> None:
    tags = {item.id: {tag.tag for tag in pr0gramm.tags(item)} for item in pr0gramm.items()}

    for expression, with_, without in (
        ("katze", {"katze"}, set()),
        ("! katze -hund", {"katze"}, {"hund"}),
        ("alt aber gut", {"alt aber gut"}, set()),
    ):
        page = feed(client, flags=ALL_FLAGS, tags=expression)
        met = page["items"]
        while not page["atEnd"]:
            page = feed(client, flags=ALL_FLAGS, tags=expression, older=met[-1]["id"])
            met += page["items"]
        expected = {item for item, its in tags.items() if with_ <= its and not without & its}
        assert {item["id"] for item in met} == expected != set()


def test_a_page_can_be_asked_for_above_and_around_an_item(client: httpx.Client, pr0gramm: Pr0grammWorld) -> None:
    item = pr0gramm.item_at(500)

    above = feed(client, flags=ALL_FLAGS, newer=item.id)["items"]
    around = feed(client, flags=ALL_FLAGS, id=item.id)["items"]

    assert [found["id"] for found in above] == [pr0gramm.id_at(index) for index in range(620, 500, -1)]
    assert item.id in [found["id"] for found in around]
    assert len(around) == 120


def test_an_unknown_item_is_an_error_with_status_200(client: httpx.Client, pr0gramm: Pr0grammWorld) -> None:
    ordinary = next(item for item in pr0gramm.items() if not item.promoted)

    for parameters in ({"id": 99_999_999}, {"id": ordinary.id, "promoted": 1}):
        page = feed(client, flags=ALL_FLAGS, **parameters)

        assert (page["error"], page["items"]) == ("notFound", None)


def test_an_item_s_details_are_its_comments_and_tags(client: httpx.Client, pr0gramm: Pr0grammWorld) -> None:
    item = next(item for item in pr0gramm.items() if len(pr0gramm.comments(item)) > 5)

    info = client.get(f"/pr0gramm/api/items/info?itemId={item.id}").json()

    assert [comment["id"] for comment in info["comments"]] == [comment.id for comment in pr0gramm.comments(item)]
    assert [comment["content"] for comment in info["comments"]] == [
        comment.content for comment in pr0gramm.comments(item)
    ]
    assert [tag["tag"] for tag in info["tags"]] == [tag.tag for tag in pr0gramm.tags(item)]


@pytest.mark.parametrize("path", ["items/info?itemId=99999999", "items/info", "nothing", "items/info?itemId=-3"])
def test_what_does_not_exist_is_404(client: httpx.Client, path: str) -> None:
    answer = client.get(f"/pr0gramm/api/{path}")

    assert answer.status_code == 404
    assert answer.json()["error"] == "notFound"


def test_optional_fields_are_absent_somewhere(client: httpx.Client) -> None:
    items = feed(client, flags=ALL_FLAGS)["items"]

    for name in ("width", "audio", "variants"):
        assert 0 < sum(name in item for item in items) < len(items)
    assert {item["image"].rpartition(".")[2] for item in items} == {"jpg", "mp4"}


def test_without_a_user_agent_cloudflare_answers(client: httpx.Client) -> None:
    answer = client.get("/pr0gramm/api/items/get?flags=1", headers={"User-Agent": ""})

    assert answer.status_code == 403
    assert "cloudflare" in answer.text


def test_writing_is_404(client: httpx.Client) -> None:
    assert client.post("/pr0gramm/api/items/get").status_code == 404


def test_with_a_token_configured_some_flags_need_a_login() -> None:
    config = quiet(apis=["pr0gramm"])
    config = config.with_api(replace(config.api("pr0gramm"), token="secret"))
    with running(config) as server, httpx.Client(base_url=server.url) as client:
        stranger = feed(client, flags=31)
        modest = feed(client, flags=17)
        client.cookies.set("pp", "1")
        client.cookies.set("me", "secret")
        member = feed(client, flags=31)

    assert (stranger["error"], stranger["items"]) == ("nsfwRequired", None)
    assert len(modest["items"]) == len(member["items"]) == 120

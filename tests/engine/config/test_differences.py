"""What a restart would change."""

from typing import Any

import pytest

from engine.config.differences import Difference, describe, differences

IN_FORCE: dict[str, Any] = {
    "theme": "midnight",
    "sources": {"github": {"workers": 5, "orgs": ["python"], "token_env": "ONE"}, "gitlab": {"groups": ["g"]}},
}


def edited(**sources: Any) -> list[str]:
    return [str(one) for one in differences(IN_FORCE, {**IN_FORCE, "sources": {**IN_FORCE["sources"], **sources}})]


def test_the_same_differs_in_nothing() -> None:
    assert edited() == []
    assert list(differences({"a": float("nan")}, {"a": float("nan")})) == []


@pytest.mark.parametrize(
    ("github", "said"),
    [
        ({"workers": 8}, "change sources.github.workers from 5 to 8"),
        ({"workers": None}, "unset sources.github.workers"),
        ({"cap": 12}, "set sources.github.cap to 12"),
        ({"orgs": ["python", "rust"]}, 'change sources.github.orgs from ["python"] to ["python","rust"]'),
        ({"rate": {"core": "5/1s"}}, "set sources.github.rate to a table of 1 key"),
        ({"spacing": True, "workers": 5.0}, "change sources.github.workers from 5 to 5.0"),
    ],
)
def test_a_difference_names_its_key_and_both_values(github: dict[str, Any], said: str) -> None:
    table = {name: value for name, value in {**IN_FORCE["sources"]["github"], **github}.items() if value is not None}

    assert edited(github=table)[0] == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_env", "hunter2hunter2"),
        ("cookie", "hunter2hunter2"),
        ("headers", ["Authorization: Bearer hunter2"]),
        ("params", "hunter2"),
        ("git_options", ["http.extraHeader=X: hunter2"]),
    ],
)
def test_no_secret_is_shown(name: str, value: Any) -> None:
    (said,) = edited(github={**IN_FORCE["sources"]["github"], name: value})

    assert "hunter2" not in said
    assert said in {f"change sources.github.{name}", f"set sources.github.{name}"}


def test_what_is_sent_to_a_server_is_not_shown_under_any_name() -> None:
    old = {"shop": {"params": {"key": "hunter1", "page": 1}, "endpoints": {"items": {"headers": {"X-A": "hunter1"}}}}}
    new = {"shop": {"params": {"key": "hunter2"}, "endpoints": {"items": {"headers": {"X-A": "hunter2"}}}}}

    assert [str(one) for one in differences(old, new)] == [
        "change shop.params.key",
        "unset shop.params.page",
        "change shop.endpoints.items.headers.X-A",
    ]


def test_the_user_of_an_address_is_not_shown() -> None:
    (said,) = edited(github={**IN_FORCE["sources"]["github"], "base_url": "https://me:hunter2@h/"})

    assert said == 'set sources.github.base_url to "https://…@h/"'


def test_a_table_that_is_new_or_gone_is_one_difference() -> None:
    assert edited(shop={"kind": "rest", "base_url": "u"}) == ["set sources.shop to a table of 2 keys"]
    assert [str(one) for one in differences(IN_FORCE, {"theme": "midnight"})] == ["unset sources"]


def test_a_key_from_outside_is_shown_inert() -> None:
    (found,) = differences({}, {"\x1b[31m" + "x" * 500: 1})

    assert found.key.isprintable()
    assert len(found.key) <= 120


def test_three_are_named_and_the_others_counted() -> None:
    found = [Difference(key=f"k{number}", old="1", new="2") for number in range(5)]

    assert describe(found[:1]) == "change k0 from 1 to 2"
    assert describe(found).endswith("change k2 from 1 to 2, and 2 further changes")

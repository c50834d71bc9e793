"""Where a request may go."""

import pytest

from engine.common.errors import RedirectRefused, UsageError
from engine.transport.url import check_base, label, origin, resolve, server

BASE = "https://api.example.com/v4"


@pytest.mark.parametrize(
    ("url", "params", "address"),
    [
        ("/items", {}, f"{BASE}/items"),
        ("items", {}, f"{BASE}/items"),
        ("", {}, BASE),
        ("?a=1", {}, f"{BASE}?a=1"),
        ("/items?a=%20+b#top", {}, f"{BASE}/items?a=%20+b"),
        ("/items?a=1&b=2", {"b": 3, "c": "x y"}, f"{BASE}/items?a=1&b=3&c=x%20y"),
        ("/items", {"flag": True}, f"{BASE}/items?flag=true"),
        ("https://API.example.com:443/other?page=2", {}, "https://API.example.com:443/other?page=2"),
        ("//api.example.com/other", {}, "https://api.example.com/other"),
        ("https://api.example.com", {}, "https://api.example.com/"),
    ],
)
def test_a_request_is_resolved_below_its_base(url: str, params: dict[str, str | int], address: str) -> None:
    assert resolve(BASE, url, params) == address


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://api.example.com.evil.example/",
        "https://api.example.com@evil.example/",
        "https://token@api.example.com/",
        "//evil.example/",
        "https:/\\evil.example/",
        "https://api.example.com\\@evil.example/",
        "https://api.example.com\t.evil.example/",
        "https:///path",
        "https://[::1/",
        "https://api.example.com:x/",
        "https://api.example.com:0/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "/a\nb",
        "/a b",
    ],
)
def test_nothing_leads_away_from_the_origin(url: str) -> None:
    with pytest.raises(RedirectRefused):
        resolve(BASE, url, {})


@pytest.mark.parametrize(
    "base", ["", "api.example.com", "ftp://x", "https://", "https://u:hunter2@x", "https://x?a=1", "https://x/#a"]
)
def test_a_base_that_is_no_plain_address_is_refused(base: str) -> None:
    with pytest.raises(UsageError, match="base_url"):
        check_base(base)


def test_a_base_loses_its_last_slash() -> None:
    assert check_base("https://api.example.com/v4/") == BASE


def test_an_origin_has_its_default_port_spelled_out() -> None:
    assert origin("http://X/") == ("http", "x", 80)
    assert origin("https://[::1]:8443/a") == ("https", "::1", 8443)


def test_a_label_leaves_the_query_out() -> None:
    assert label("https://x/a?token=hunter2#b") == "https://x/a"


def test_a_server_has_one_name_however_its_address_is_written() -> None:
    assert server("https://GitLab.example/api/v4/") == server("https://gitlab.example:443/api/v4")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gate.example/github", "https://gate.example/gitlab"),
        ("https://api.example", "http://api.example"),
        ("https://api.example", "https://api.example:8443"),
        ("https://a.example", "https://b.example"),
    ],
)
def test_other_paths_hosts_ports_and_schemes_are_other_servers(one: str, other: str) -> None:
    assert server(one) != server(other)

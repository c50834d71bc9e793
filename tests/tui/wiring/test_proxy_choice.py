"""Which proxy the environment names."""

import pytest

from tui.wiring.addresses import proxy_for

PROXY = "http://proxy:3128"


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_an_address_is_asked_through_the_proxy_of_its_scheme(name: str) -> None:
    assert proxy_for("https://api.example.org/v1", {name: PROXY}) == PROXY


def test_another_schemes_proxy_does_not_count() -> None:
    assert proxy_for("https://api.example.org", {"http_proxy": PROXY}) is None


@pytest.mark.parametrize("names", ["*", "example.org", ".example.org", "other.net, API.example.org"])
def test_no_proxy_names_hosts_and_the_domains_above_them(names: str) -> None:
    assert proxy_for("https://api.example.org", {"https_proxy": PROXY, "no_proxy": names}) is None


def test_no_proxy_is_no_part_of_a_name() -> None:
    assert proxy_for("https://badexample.org", {"https_proxy": PROXY, "no_proxy": "example.org"}) == PROXY


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:80"])
def test_this_machine_is_never_asked_through_a_proxy(host: str) -> None:
    assert proxy_for(f"http://{host}", {"all_proxy": PROXY, "http_proxy": PROXY}) is None


def test_a_name_that_only_begins_like_this_machine_is_asked_through_the_proxy() -> None:
    assert proxy_for("https://127.example.org", {"https_proxy": PROXY}) == PROXY


def test_without_a_proxy_there_is_none() -> None:
    assert proxy_for("https://api.example.org", {}) is None

"""Which base addresses are one server."""

import pytest

from engine.servers import Servers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gitlab.example", "https://gitlab.example/api/v4"),
        ("https://gitlab.example/api", "https://GitLab.example:443/api/v4/"),
        ("http://127.0.0.1:8080/rest", "http://127.0.0.1:8080/rest/"),
    ],
)
def test_an_address_below_another_is_the_same_server(one: str, other: str) -> None:
    servers = Servers([one, other])

    assert servers.name(one) == servers.name(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://gate.example/github", "https://gate.example/gitlab"),
        ("https://gate.example/git", "https://gate.example/github"),
        ("https://api.example", "http://api.example"),
        ("https://api.example", "https://api.example:8443"),
        ("https://a.example", "https://b.example"),
    ],
)
def test_other_paths_hosts_ports_and_schemes_are_other_servers(one: str, other: str) -> None:
    servers = Servers([one, other])

    assert servers.name(one) != servers.name(other)


def test_what_lies_above_joins_those_below() -> None:
    servers = Servers(["https://a.example/x", "https://a.example", "https://a.example/y"])

    assert servers.name("https://a.example/x") == servers.name("https://a.example/y") == "https://a.example:443/"

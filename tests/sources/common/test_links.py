"""Link headers, and which next page may be followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.source import Request
from sources.common.links import PAGE_CAP, Next, follow, next_link, same_origin
from tests.sources.driver import respond

BASE = "https://ghe.example/api/v3"


def _follow(header: str, page: int = 1, at: str = f"{BASE}/repos/o/r/pulls") -> Next:
    return follow(Request(key="k", url="/repos/o/r/pulls"), respond([], link=header, url=at), BASE, page)


def test_the_next_link_is_found_among_others() -> None:
    header = '<https://h/a?page=1>; rel="prev", <https://h/a?page=3>; rel="next", <https://h/a?page=9>; rel="last"'

    assert next_link(header) == "https://h/a?page=3"


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("<https://h/a>; rel=next", "https://h/a"),
        ('<https://h/a>; title="x, <y>; rel=\\"no\\""; REL="last Next"', "https://h/a"),
        ('<https://h/a,b;c>; rel="next"', "https://h/a,b;c"),
        ('<https://h/users{?since}>; rel="first"', ""),
        ('<https://h/a>; rel="deprecation"; type="text/html"', ""),
        ('<https://h/a>; rel="nextish"', ""),
        ("", ""),
        ("no link at all", ""),
    ],
)
def test_a_link_header_is_read_as_the_standard_writes_it(header: str, target: str) -> None:
    assert next_link(header) == target


@given(st.text(alphabet='<>;,="\\ relnxtRELhttps:/.?&1\n', max_size=80))
def test_no_link_header_raises(header: str) -> None:
    assert isinstance(_follow(header), Next)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://ghe.example/other/path?page=2", True),
        ("https://GHE.example:443/api/v3/x", True),
        ("http://ghe.example/api/v3/x", False),
        ("https://ghe.example:8443/api/v3/x", False),
        ("https://ghe.example.evil.test/x", False),
        ("https://ghe.example@evil.test/x", False),
        ("https://user@ghe.example/x", False),
        ("https://ghe.example/a b", False),
        ("https://ghe.example/\n", False),
        ("https://[::1", False),
        ("https://ghe.example:99999/", False),
        ("/api/v3/x", False),
        ("", False),
    ],
)
def test_only_scheme_host_and_port_of_the_base_url_pass(url: str, same: bool) -> None:
    assert same_origin(url, BASE) is same


def test_a_next_link_is_followed_as_given_even_to_another_path() -> None:
    target = "https://ghe.example/api/v3/repositories/5/pulls?per_page=100&page=2"

    assert _follow(f'<{target}>; rel="next"') == Next(target)


def test_a_relative_next_link_is_resolved_against_the_answer() -> None:
    assert _follow('<?page=2>; rel="next"') == Next(f"{BASE}/repos/o/r/pulls?page=2")


def test_no_next_link_is_a_true_end() -> None:
    assert _follow("") == Next()


@pytest.mark.parametrize(
    ("target", "page", "why"),
    [
        ("https://evil.test/repos?page=2", 1, "leaves"),
        ("https://[::1", 1, "no address"),
        (f"{BASE}/repos/o/r/pulls", 1, "no progress"),
        (f"{BASE}/repos/o/r/pulls?page=2", 2, "no progress"),
        (f"{BASE}/repos/o/r/pulls?page=x", 1, "no progress"),
        (f"{BASE}/repos/o/r/pulls?page={PAGE_CAP + 1}", PAGE_CAP, "no end"),
    ],
)
def test_a_link_that_leads_astray_ends_the_walk_with_its_reason(target: str, page: int, why: str) -> None:
    following = _follow(f'<{target}>; rel="next"', page)

    assert following.url == ""
    assert why in following.problem

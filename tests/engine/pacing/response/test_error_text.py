"""What is kept of an answer's head: no secret, nothing that acts on a terminal, 4 KB at most."""

import pytest

from engine.model.source import Response
from engine.pacing.response.error_text import HIDDEN, MOST, head


def of(headers: dict[str, str], status: int = 502) -> list[str]:
    return head(Response(status=status, headers=headers, body=b"", url="http://x", elapsed=0.1)).split("\n")


def test_the_status_line_comes_first_with_its_phrase_where_it_has_one() -> None:
    assert of({}) == ["502 Bad Gateway"]
    assert of({}, status=599) == ["599"]


@pytest.mark.parametrize(
    "name",
    [
        "set-cookie",
        "www-authenticate",
        "authorization",
        "x-api-key",
        "x-amz-security-token",
        "x-anything-new",
        "cookie",
    ],
)
def test_a_header_nobody_vouched_for_shows_its_name_alone(name: str) -> None:
    assert of({name: "s3cr3t"})[1] == f"{name}: {HIDDEN}"


@pytest.mark.parametrize(
    "name", ["content-type", "retry-after", "x-ratelimit-remaining", "ratelimit-policy", "rate-limit", "x-request-id"]
)
def test_what_tells_of_limits_and_of_the_body_is_shown(name: str) -> None:
    assert of({name: "value 17"})[1] == f"{name}: value 17"


def test_addresses_lose_their_queries_and_their_users() -> None:
    lines = of({
        "location": "https://me:pw@x/y?token=s3cr3t",
        "link": '<https://x/y?page=2&token=s3cr3t>; rel="next", <https://x/y?token=s3cr3t>; rel="last"',
    })  # fmt: skip

    assert "s3cr3t" not in "".join(lines)
    assert "me:pw" not in "".join(lines)
    assert lines[1] == f"location: https://{HIDDEN}@x/y?{HIDDEN}"
    assert lines[2].endswith('rel="last"')


def test_control_characters_are_marks() -> None:
    lines = of({"server": "a\x1b[31m\x9b\u202e\r\nset-cookie: x", "x\x1b]0;": "y"})

    assert len(lines) == 3
    assert all(line.isprintable() for line in lines)
    assert "␛[31m" in lines[1]


def test_a_head_of_any_size_is_cut_and_says_so() -> None:
    long = head(Response(
        status=500, headers={f"x-{n}": "v" * 5000 for n in range(500)} | {"server": "s" * 9000}, body=b"", url="",
        elapsed=0,
    ))  # fmt: skip

    assert len(long.encode()) <= MOST
    assert "headers more" in long.split("\n")[-1]


def test_a_long_name_of_a_header_is_cut() -> None:
    (_, shown) = of({"x" * 200: "s3cr3t"})

    assert len(shown.removesuffix(f": {HIDDEN}")) == 80


def test_a_head_ends_where_only_the_last_line_has_room() -> None:
    headers = {f"x-ratelimit-{number:02}": "x" * 281 for number in range(13)}
    room = MOST - 40 - len("502 Bad Gateway\n") - 13 * len(f"x-ratelimit-00: {'x' * 281}\n") - len("via: \n")

    exact = of(headers | {"via": "x" * room})
    longer = of(headers | {"via": "x" * (room + 1)})

    assert exact[-1] == "via: " + "x" * room
    assert longer[-1] == "... and 1 headers more"

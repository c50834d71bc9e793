"""An address in parts."""

import pytest

from engine.common.errors import UsageError
from sources.rest.proposal.names import snake, source_name, table_name
from sources.rest.proposal.url import looks_like_url, parse_url


@pytest.mark.parametrize(
    ("address", "base_url", "path"),
    [
        ("https://pokeapi.co/api/v2/pokemon", "https://pokeapi.co/api/v2", "/pokemon"),
        ("https://a.example/articles/", "https://a.example", "/articles/"),
        ("https://blog.example/wp-json/wp/v2/posts", "https://blog.example/wp-json/wp/v2", "/posts"),
        ("https://hn.example/v0/topstories.json", "https://hn.example/v0", "/topstories.json"),
        ("https://gh.example/repos/psf/black/issues", "https://gh.example", "/repos/psf/black/issues"),
        ("https://x.example:8443/v1", "https://x.example:8443", "/v1"),
        ("https://x.example", "https://x.example", "/"),
        ("http://[::1]:80/a b".replace(" ", "%20"), "http://[::1]:80", "/a%20b"),
        ("https://x.example/a{b}#part", "https://x.example", "/a%7Bb%7D"),
        ("api.example.org/v1/x", "https://api.example.org/v1", "/x"),
    ],
)
def test_a_version_belongs_to_the_base_address_and_the_rest_is_the_path(address: str, base_url: str, path: str) -> None:
    found = parse_url(address)

    assert (found.base_url, found.path) == (base_url, path)


@pytest.mark.parametrize(
    ("query", "secret"),
    [
        ("api_key=abc&q=1", "api_key"), ("q=1&token=abc", "token"), ("X-Api-Key=1", "X-Api-Key"),
        ("access_token=1", "access_token"), ("appid=0123", "appid"), ("key=AIzaSyA-1234567890abcd", "key"),
        ("subscription-key=1", "subscription-key"), ("private_token=x", "private_token"), ("x=ghp_abcdef", "x"),
        ("consumer_secret=cs_1", "consumer_secret"), ("hapikey=12-ab", "hapikey"), ("user_key=x", "user_key"),
        ("X-Amz-Signature=0f", "X-Amz-Signature"), ("X-Amz-Security-Token=0f", "X-Amz-Security-Token"),
        ("apiToken=x", "apiToken"), ("auth_key=x", "auth_key"), ("x-functions-key=x", "x-functions-key"),
        ("code=SECRETvalue99==", "code"), ("auth[token]=x", "auth[token]"), ("apikey[]=x", "apikey[]"),
        ("private_key=x", "private_key"), ("pass=x", "pass"), ("license_key=x", "license_key"),
        ("sort_key=id", ""), ("pageToken=abc", ""), ("sync_token=abc", ""), ("user_id=7", ""), ("code=de", ""),
        ("client_secret=1", "client_secret"), ("sig=abc", "sig"), ("jwt=1", "jwt"), ("apikey=1", "apikey"),
        ("key=name", ""), ("keyword=x&page_token=abc", ""), ("author=me&sort=key", ""), ("next_page_token=x", ""),
        ("monkey=1", ""), ("order=signature", ""),
    ],
)  # fmt: skip
def test_a_secret_is_known_by_the_name_of_its_parameter_or_by_its_look(query: str, secret: str) -> None:
    found = parse_url(f"https://x.example/list?{query}")

    assert found.secret_param == secret
    assert (found.secret is not None) == bool(secret)
    assert secret not in found.params or not secret


def test_no_text_of_an_address_shows_its_secret() -> None:
    found = parse_url("https://ann:hunter2@x.example/list?q=1")

    assert found.basic
    assert found.secret is not None
    assert found.secret.reveal() == "ann:hunter2"
    assert "hunter2" not in repr(found) + found.shown() + found.base_url


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://x.example/list", "is no http(s) address"),
        ("https://x.example/a\nb", "is no http(s) address"),
        ("https://", "is no http(s) address"),
        ("https://x.example:port/", "cannot be read"),
        ("https://x.example/l?token=hunter2&api_key=hunter3", "carries several secrets (token, api_key)"),
        ("https://x.example/l?a=1&a=2", '"a" stands twice'),
        ("ftp://ann:hunter2@x.example/l?token=hunter3", "is no http(s) address"),
    ],
)
def test_what_cannot_be_asked_is_refused_without_its_secret(address: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_url(address)

    assert said in str(refused.value)
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize("word", ["https://x.example", "http://127.0.0.1:1/a", "github.com/psf", "a.example:80/x?y=1"])
def test_an_address_needs_no_scheme(word: str) -> None:
    assert looks_like_url(word)


@pytest.mark.parametrize("word", ["github", "channels/tech.toml", "--year", "psf/black", "config.toml", "./a.b/c"])
def test_a_source_an_option_and_a_file_are_no_address(word: str) -> None:
    assert not looks_like_url(word)


def test_names_follow_what_the_api_says() -> None:
    hosts = ["https://api.github.com", "https://www.bbc.co.uk/x", "https://127.0.0.1:8000", "https://api.stripe.com"]

    assert [source_name(host, {"github"}) for host in hosts] == ["github-api", "bbc", "api", "stripe"]
    assert [table_name(path) for path in ("/repos/a/Issues.json", "/v1/7", "/", "/orderLineItems/{parent.id}")] == [
        "issues", "v1", "items", "order_line_items",
    ]  # fmt: skip
    assert [snake(word) for word in ("HTMLUrl", "a-b c", "24h", "é", "_id")] == [
        "html_url",
        "a_b_c",
        "n24h",
        "items",
        "id",
    ]

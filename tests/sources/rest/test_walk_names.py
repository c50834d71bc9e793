"""Which names of walks may be of the configured lists."""

import pytest

from sources.rest.config.endpoint import Endpoint
from sources.rest.slices.names import may_be

ENDPOINTS = {
    "items": Endpoint(path="/items.json"),
    "parts": Endpoint(path="/items/{parent.id}/parts", parent="items"),
    "files": Endpoint(path="/{{x}}/{slice}", values=("a", "b")),
}


@pytest.mark.parametrize(
    ("endpoint", "walk", "may"),
    [
        ("items", "items /items.json", True),
        ("items", "items /items.json?a=1", True),
        ("items", "items /items.json 2024-01", True),
        ("items", "items /itemsxjson", False),
        ("items", "items /items.json/more", False),
        ("parts", "parts /items/7/parts", True),
        ("parts", "parts /items/a%2Fb/parts", True),
        ("parts", "parts /things/7/parts", False),
        ("parts", "parts /items/7/8/parts", False),
        ("files", "files /{x}/a", True),
        ("gone", "gone /items.json", False),
    ],
)
def test_a_name_fits_its_endpoint_by_the_path(endpoint: str, walk: str, may: bool) -> None:
    assert may_be(walk, endpoint, ENDPOINTS) is may

"""Where a walk goes after a page, whichever source walks."""

from dataclasses import replace

import pytest

from engine.model.source import Request, Response
from sources.common.json_values import rows
from sources.common.paging import WalkedPage, next_page
from tests.sources.driver import respond

BASE = "https://api.github.com"
LINK = f'<{BASE}/x?page=3>; rel="next"'


def walked(many: int, *, link: str = "", unchanged: bool = False, url: str = "/x", **params: str | int) -> WalkedPage:
    """Return a page of a list whose full pages have three rows."""
    response: Response = replace(respond([{"id": number} for number in range(many)], link=link), unchanged=unchanged)
    request = Request(key="k", url=url, params=params)
    return WalkedPage(
        request=request, response=response, rows=rows(response), page=2, before="", full=3, name="things of x"
    )


def test_a_next_link_is_followed_as_it_is() -> None:
    assert next_page(walked(3, link=LINK), BASE, ("page", 3)).url == f"{BASE}/x?page=3"


@pytest.mark.parametrize(("many", "unchanged"), [(2, True), (2, False), (3, False), (0, True)])
def test_without_a_link_the_list_is_over(many: int, unchanged: bool) -> None:
    found = next_page(walked(many, unchanged=unchanged), BASE, ("page", 3))

    assert (found.url, found.ended) == ("", True)


def test_behind_a_full_page_that_has_not_changed_there_may_be_more_than_its_stored_link_knows() -> None:
    by_params = next_page(walked(3, unchanged=True, state="all", page=2), BASE, ("page", 3))
    by_address = next_page(walked(3, unchanged=True, url=f"{BASE}/x?state=all&page=2"), BASE, ("page", 3))

    assert (by_params.url, by_params.ended) == ("/x?state=all&page=3", False)
    assert by_address.url == f"{BASE}/x?state=all&page=3"


def test_a_page_that_comes_again_ends_the_walk_without_its_true_end() -> None:
    page = walked(3, link=LINK)

    found = next_page(replace(page, before=page.digest), BASE, ("page", 3))

    assert (found.url, found.ended) == ("", False)
    assert found.note == "things of x: page 2 repeats the page before; stopped there"

"""The two questions AniList is asked. Schema: https://docs.anilist.co/reference.

AniList refuses a query of more than 500 selected fields, however much it answers; these have about 50. The relations of
related entries come along, so that one round trip sees two steps ahead. `relations` has no paging; all edges come at
once. `pageInfo` is not asked for: its `hasNextPage` is wrong, and neither question has a second page.
"""

from typing import Any, Final

BATCH: Final = 50
"""AniList's `perPage` is at most this."""
FOUND: Final = 20
"""How many search results are looked at: those that belong to the franchise need not be fetched again."""

_MEDIA: Final = """
fragment entry on Media {
  id idMal type format status title { romaji english native } synonyms description(asHtml: false)
  episodes duration season seasonYear startDate { year month day } endDate { year month day }
  source(version: 3) averageScore popularity genres studios(isMain: true) { nodes { name } }
  isAdult siteUrl updatedAt
  relations { edges { relationType(version: 2) node { id type
    relations { edges { relationType(version: 2) node { id type } } } } } }
}
"""


def by_ids(ids: list[int], *, manga: bool) -> dict[str, Any]:
    """Ask for up to 50 entries at once. Ids that do not exist are left out of the answer."""
    query = (
        f"query ($ids: [Int]) {{ Page(page: 1, perPage: {BATCH}) {{ media(id_in: $ids{_kind(manga)}, sort: [ID])"
        f" {{ ...entry }} }} }}"
    )
    return {"query": query + _MEDIA, "variables": {"ids": ids}}


def by_title(title: str, *, manga: bool) -> dict[str, Any]:
    """Ask for the entries that match a title best."""
    query = (
        f"query ($search: String) {{ Page(page: 1, perPage: {FOUND}) {{"
        f" media(search: $search{_kind(manga)}, sort: [SEARCH_MATCH]) {{ ...entry }} }} }}"
    )
    return {"query": query + _MEDIA, "variables": {"search": title}}


def _kind(manga: bool) -> str:
    return "" if manga else ", type: ANIME"

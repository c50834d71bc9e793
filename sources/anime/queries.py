"""The two queries for AniList. Schema: https://docs.anilist.co/reference.

AniList refuses a query of more than 500 selected fields, whatever it returns; these select about 50. The relations of
related entries are selected too, so that one round trip sees two steps ahead. `relations` has no paging: all edges come
at once. `pageInfo` is left out: its `hasNextPage` is wrong, and neither query has a second page.
"""

from typing import Any, Final

BATCH: Final = 50
"""AniList's largest `perPage`."""
FOUND: Final = 20
"""Search results that are fetched: those that belong to the franchise need not be fetched again."""

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
    """Query up to BATCH entries. Ids that do not exist are absent from the response."""
    query = (
        f"query ($ids: [Int]) {{ Page(page: 1, perPage: {BATCH}) {{ media(id_in: $ids{_kind(manga)}, sort: [ID])"
        f" {{ ...entry }} }} }}"
    )
    return {"query": query + _MEDIA, "variables": {"ids": ids}}


def by_title(title: str, *, manga: bool) -> dict[str, Any]:
    """Query the entries that match a title best."""
    query = (
        f"query ($search: String) {{ Page(page: 1, perPage: {FOUND}) {{"
        f" media(search: $search{_kind(manga)}, sort: [SEARCH_MATCH]) {{ ...entry }} }} }}"
    )
    return {"query": query + _MEDIA, "variables": {"search": title}}


def _kind(manga: bool) -> str:
    return "" if manga else ", type: ANIME"

"""An entry of AniList: its row, its relations, and what a walk remembers of it. Any value may be null or wrong.

Schema: https://docs.anilist.co/reference
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody, SourceError
from engine.model.source import Record, Response
from sources.common.json_values import Row, at, epoch, integer, members, part, row, text

Edge = tuple[int, int, str]
"""Source id, target id, and what the target is to the source: (1, 2, "SEQUEL") means that 2 is the sequel of 1."""

_LARGEST: Final = 2**31
_FACTS: Final = (
    "title_romaji", "title_english", "title_native", "synopsis", "episodes", "duration_minutes", "season", "started_on",
    "ended_on", "source", "genres", "studio",
)  # fmt: skip
"""Columns worth having that may be empty."""
_UNKNOWN_YET: Final = {
    "RELEASING": {"episodes", "ended_on"},
    "HIATUS": {"episodes", "ended_on"},
    "NOT_YET_RELEASED": {"episodes", "ended_on", "duration_minutes"},
}
"""Columns that cannot be known yet at a status, so that their absence is no gap."""
_LONGEST: Final = 200


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """What a walk remembers of a member of its franchise."""

    id: int
    format: str
    started_on: str
    """"2013-04-07", "2013-04", "2013" or ""."""
    title: str


def entry(row: Mapping[str, Any]) -> Entry:
    """Return what a walk remembers of an entry's row."""
    title = row["title_romaji"] or row["title_english"] or row["title_native"] or ""
    return Entry(row["id"], row["format"] or "", row["started_on"] or "", title)


def media_id(value: Any) -> int | None:
    """Return the id of a Media object; None where it has none within GraphQL's Int (32 bits, signed)."""
    number = integer(value, "id")
    return number if number is not None and 0 < number < _LARGEST else None


def edges(value: Any, *, deep: bool = True) -> Iterator[tuple[Edge, bool]]:
    """Yield the relations of an entry, and whether each leads to an anime. `deep` adds those of its related entries."""
    src = media_id(value)
    found = at(value, "relations", "edges")
    for each in found if src and isinstance(found, list) else ():
        dst, kind = media_id(at(each, "node")), text(each, "relationType")
        if src and dst and kind and src != dst:
            yield (src, dst, kind), text(each, "node", "type") == "ANIME"
        if deep:
            yield from edges(at(each, "node"), deep=False)


def anime(value: Any) -> dict[str, Any]:
    """Return the columns of an entry as AniList alone knows it. `value` has a usable id."""
    return {
        "id": media_id(value),
        "id_mal": integer(value, "idMal"),
        "type": text(value, "type"),
        "format": text(value, "format"),
        "status": text(value, "status"),
        "title_romaji": text(value, "title", "romaji"),
        "title_english": text(value, "title", "english"),
        "title_native": text(value, "title", "native"),
        "synonyms": texts(at(value, "synonyms")),
        "synopsis": text(value, "description"),
        "episodes": integer(value, "episodes"),
        "duration_minutes": integer(value, "duration"),
        "season": text(value, "season"),
        "season_year": integer(value, "seasonYear"),
        "started_on": fuzzy(at(value, "startDate")),
        "ended_on": fuzzy(at(value, "endDate")),
        "source": text(value, "source"),
        "score": integer(value, "averageScore"),
        "popularity": integer(value, "popularity"),
        "genres": texts(at(value, "genres")),
        "studio": _first_name(at(value, "studios", "nodes")),
        "rating": None,
        "is_adult": integer(value, "isAdult"),
        "url": text(value, "siteUrl"),
        "updated_at": epoch(value, "updatedAt"),
        "completeness": None,
    }


def lacks(row: Mapping[str, Any]) -> list[str]:
    """List the columns that are empty but could be known."""
    unknown = _UNKNOWN_YET.get(row["status"] or "", set())
    return [name for name in _FACTS if name not in unknown and row[name] in {None, "", "[]"}]


def completeness(row: Mapping[str, Any]) -> float:
    """Return the share of knowable columns that are filled; 1.0 is all."""
    expected = len(_FACTS) - len(_UNKNOWN_YET.get(row["status"] or "", set()))
    return round(1 - len(lacks(row)) / expected, 3)


def ext_ids(row: Mapping[str, Any]) -> Iterator[Record]:
    """Yield the ids of an entry at both providers."""
    for provider, external in (("anilist", row["id"]), ("mal", row["id_mal"])):
        if external is not None:
            data = {"provider": provider, "external_id": str(external), "anime_id": row["id"]}
            yield Record(table="ext_id", data=data, raw=msgspec.json.encode(data))


def titles(row: Row) -> set[str]:
    """Return every name of an entry, normalised for comparison."""
    found = [text(row.value, "title", name) for name in ("romaji", "english", "native")]
    synonyms = at(row.value, "synonyms")
    found += [name for name in synonyms if isinstance(name, str)] if isinstance(synonyms, list) else []
    return {name.casefold().strip() for name in found if name}


def fuzzy(value: Any) -> str | None:
    """Write AniList's FuzzyDate, in which the day, or the month too, may be unknown."""
    year, month, day = (integer(value, name) for name in ("year", "month", "day"))
    if not year or not 1800 <= year <= 9999:
        return None
    if not month or not 1 <= month <= 12:
        return f"{year:04}"
    return f"{year:04}-{month:02}-{day:02}" if day and 1 <= day <= 31 else f"{year:04}-{month:02}"


def texts(value: Any) -> str | None:
    """Encode a list of strings as JSON."""
    if not isinstance(value, list):
        return None
    return msgspec.json.encode([each for each in value if isinstance(each, str)]).decode()


# Responses of AniList: entries, or error messages.


def entries(response: Response) -> Mapping[int, Row]:
    """Return the entries of a response by id. A 404 may still hold the entries that were found.

    Raises:
        BadBody: the response has no list of entries.
        SourceError: AniList refuses this client, or has switched its API off.
    """
    if response.status == 403:
        raise SourceError(f"anime: AniList refuses to answer (403): {_said(response) or 'it names no reason'}")
    answer = row(response.json(msgspec.Raw), response.url)
    page = at(answer.value, "data", "Page")
    if not isinstance(at(page, "media"), list):
        if response.status == 404:
            return {}
        raise BadBody(f"{response.url}: no list of entries: {_said(response) or 'and no error either'}")
    raw = part(part(answer.raw, "data"), "Page")
    found: dict[int, Row] = {}
    for each in members(page, "media", raw):
        number = media_id(each.value)
        if number is not None:
            found.setdefault(number, each)
    return found


def best(found: Iterable[Row], title: str) -> int:
    """Choose the entry that a title means: the first with exactly that name, else AniList's best match; 0 for none."""
    rows = list(found)
    wanted = title.casefold().strip()
    exact = (each for each in rows if wanted in titles(each))
    chosen = next(exact, rows[0] if rows else None)
    return (media_id(chosen.value) or 0) if chosen else 0


def complaint(response: Response) -> str:
    """Return the errors of a response that also holds data; "" for none, and for a 404 ("Not Found")."""
    return _said(response) if response.status < 400 else ""


def _first_name(nodes: Any) -> str | None:
    names = [text(node, "name") for node in nodes] if isinstance(nodes, list) else []
    return next((name for name in names if name), None)


def _said(response: Response) -> str:
    try:
        errors = at(response.json(), "errors")
    except BadBody:
        return ""
    messages = [text(error, "message") for error in errors] if isinstance(errors, list) else []
    return "; ".join(message for message in messages if message)[:_LONGEST]

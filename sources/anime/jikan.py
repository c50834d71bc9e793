"""Jikan (MyAnimeList) fills in what AniList leaves empty. Facts: https://docs.api.jikan.moe."""

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.source import Memory, Record, Request, Response
from sources.anime.anilist import completeness, fuzzy, texts
from sources.common.json_values import Row, at, instant, integer, part, row, stamp, text

_SPAN: Final = re.compile(r"(?:(\d{1,3}) hr)? ?(?:(\d{1,3}) min)?")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The context of a request to Jikan."""

    kind: str = "mal"
    mal: int
    media: str
    """AniList's entry as JSON: its row is written again, with the gaps filled."""


def ask(mal: int, media: Row) -> Request:
    """Make the request for one anime by its MyAnimeList id."""
    return Request(
        key=f"mal {mal}",
        url=f"/anime/{mal}",
        resource="jikan",
        route="/anime/{id}",
        context=msgspec.to_builtins(Asked(mal=mal, media=media.raw.decode())),
        conditional=True,
    )


def answer(asked: Asked, response: Response) -> Row:
    """Return Jikan's document; an empty object for an id that Jikan does not know.

    Raises:
        BadBody: the response holds no document, or another anime's.
    """
    if response.status == 404:
        return Row(b"{}", {})
    document = row(msgspec.Raw(part(response.body, "data")), response.url)
    if integer(document.value, "mal_id") != asked.mal:
        raise BadBody(f"{response.url}: no document of anime {asked.mal}")
    return document


def document(provider: str, external_id: int, found: Row, memory: Memory, response: Response) -> Record:
    """Return the row of a provider's document, with the time until which it need not be fetched again."""
    data = {
        "provider": provider,
        "external_id": str(external_id),
        "fetched_at": stamp(memory.started),
        "expires_at": _expires(response.headers.get("expires", "")),
        "status": response.status,
    }
    return Record(table="provider_doc", data=data, raw=found.raw)


def fill(known: Mapping[str, Any], mal: Any) -> dict[str, Any]:
    """Return a row with its gaps filled from Jikan's document, and its new completeness."""
    aired = at(mal, "aired", "prop")
    offered = {
        "title_english": text(mal, "title_english"),
        "title_native": text(mal, "title_japanese"),
        "synopsis": text(mal, "synopsis"),
        "episodes": integer(mal, "episodes"),
        "duration_minutes": minutes(text(mal, "duration") or ""),
        "season": (text(mal, "season") or "").upper() or None,
        "season_year": integer(mal, "year"),
        "started_on": fuzzy(at(aired, "from")),
        "ended_on": fuzzy(at(aired, "to")),
        "source": (text(mal, "source") or "").upper().replace(" ", "_") or None,
        "genres": texts(_names(mal, "genres")),
        "studio": next(iter(_names(mal, "studios")), None),
        "rating": text(mal, "rating"),
    }
    filled = {name: offered.get(name) if value in {None, "", "[]"} else value for name, value in known.items()}
    return filled | {"completeness": completeness(filled)}


def minutes(duration: str) -> int | None:
    """Read "25 min per ep", "1 hr 54 min" and the like; None for "Unknown" and for seconds alone."""
    match = _SPAN.match(duration)
    hours, rest = match.groups() if match else (None, None)
    return int(hours or 0) * 60 + int(rest or 0) if hours or rest else None


def _names(mal: Any, name: str) -> list[str]:
    found = at(mal, name)
    names = [text(each, "name") for each in found] if isinstance(found, list) else []
    return [each for each in names if each]


def _expires(header: str) -> str | None:
    """Read the Expires header; Jikan sends "-1" for responses it does not cache."""
    try:
        moment = parsedate_to_datetime(header)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    read = instant(moment.isoformat())
    return stamp(read) if read else None

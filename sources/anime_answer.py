"""What AniList's answers hold: entries, or words about why there are none."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from engine.common.errors import BadBody, SourceError
from engine.model.source import Response
from sources.anime.anilist import media_id, titles
from sources.common.json_values import Row, at, members, part, row, text

_LONGEST: Final = 200


def entries(response: Response) -> Mapping[int, Row]:
    """Return the entries of an answer by id. A 404 holds none, or the ones it could find.

    Raises:
        BadBody: the answer is not what was asked for.
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
    """Choose the entry a title means: the first of that very name, else the one AniList puts first; 0 for none."""
    rows = list(found)
    wanted = title.casefold().strip()
    exact = (each for each in rows if wanted in titles(each))
    chosen = next(exact, rows[0] if rows else None)
    return (media_id(chosen.value) or 0) if chosen else 0


def complaint(response: Response) -> str:
    """Say what an answer complains of beside what it holds; "" where it does not, or where a 404 says "Not Found"."""
    return _said(response) if response.status < 400 else ""


def _said(response: Response) -> str:
    try:
        errors = at(response.json(), "errors")
    except BadBody:
        return ""
    messages = [text(error, "message") for error in errors] if isinstance(errors, list) else []
    return "; ".join(message for message in messages if message)[:_LONGEST]

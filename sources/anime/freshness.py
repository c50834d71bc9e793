"""What earlier runs fetched, and how long each stage of it counts as fresh."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec

from engine.model.source import Memory
from sources.anime.anilist import media_id
from sources.common.json_values import Row, instant, stamp

RELATIONS: Final = timedelta(hours=1)
"""An entry that any walk fetched within this time is not fetched again."""
DETAILS: Final = timedelta(hours=6)
FRANCHISE: Final = timedelta(hours=24)
"""Within this time, neither the members of a franchise nor an id unknown to Jikan are requested again."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The cursor of a franchise: what its last finished walk found."""

    at: str
    """When the run of that walk began."""
    root: int
    members: list[int] = []


def cursor(name: str, rules: str) -> str:
    """Return the name of a franchise's cursor."""
    return f"{rules} {name}"


def recall(memory: Memory, name: str, rules: str) -> Found | None:
    """Return what the last finished walk found; None where there was none."""
    try:
        return msgspec.json.decode(memory.cursors.get(cursor(name, rules), ""), type=Found)
    except (msgspec.DecodeError, UnicodeError):
        return None


class Stored:
    """The documents in the database. In a full run none of them counts as fresh."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def is_within(self, when: str | None, span: timedelta) -> bool:
        """Say whether something happened less than `span` before this run began, or during it."""
        moment = instant(when)
        return not self._memory.full and moment is not None and self._memory.started - moment < span

    def entry(self, number: int, span: timedelta) -> Row | None:
        """Return AniList's entry if it was fetched less than `span` ago."""
        known = self._row("anilist", number)
        if known is None or not self.is_within(known.get("fetched_at"), span):
            return None
        found = _document(known)
        return found if found and media_id(found.value) == number else None

    def mal(self, number: int) -> Any:
        """Return Jikan's document, however old; None where it was never fetched."""
        known = self._row("jikan", number)
        found = _document(known) if known else None
        return found.value if found else None

    def is_mal_fresh(self, number: int) -> bool:
        """Say whether Jikan need not be asked: its copy has not expired, or was fetched recently."""
        known = self._row("jikan", number)
        if known is None or self._memory.full:
            return False
        expires = known.get("expires_at") or ""
        absent = known.get("status") == 404
        unexpired = expires > stamp(self._memory.started)
        return unexpired or self.is_within(known.get("fetched_at"), FRANCHISE if absent else DETAILS)

    def _row(self, provider: str, number: int) -> Mapping[str, Any] | None:
        key = (provider, str(number))
        return self._memory.rows("provider_doc", [key]).get(key)


def _document(known: Mapping[str, Any]) -> Row | None:
    raw = known.get("raw") or ""
    content = raw.encode() if isinstance(raw, str) else bytes(raw)
    try:
        return Row(content, msgspec.json.decode(content))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None

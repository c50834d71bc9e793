"""What a run over anime would cost, by the known members, else by the caps on depth and size."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.capabilities import Estimate
from engine.model.source import Memory
from sources.anime.freshness import DETAILS, FRANCHISE, Stored, recall
from sources.anime.options import AnimeOptions
from sources.anime.queries import BATCH


def estimate(memory: Memory, options: AnimeOptions) -> list[Estimate]:
    """Estimate the requests to AniList, then those to Jikan."""
    parts = [_part(name, memory, options) for name in options.names()]
    known = [part for part in parts if part.known]
    unknown, fetched = len(parts) - len(known), sum(part.entries for part in known)
    words = [f"{len(known):,} known with {sum(part.naive for part in known):,} entries"] if known else []
    words += [f"at most {fetched:,} are fetched, {BATCH} in a request"] if fetched else []
    words += ["all of them fresh"] if known and not fetched else []
    words += [f"{unknown:,} not known yet, at most {options.members} entries each (max_members)"] if unknown else []
    anilist = Estimate(
        resource="anilist",
        requests_low=sum(part.low for part in parts),
        requests_high=sum(part.high for part in parts),
        naive_requests=sum(part.naive for part in parts),
        naive_open=unknown > 0,
        why=f"franchises: {'; '.join(words)}",
    )
    return [anilist, _jikan(parts, options)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What one franchise needs: requests to AniList, and entries that Jikan may be asked for."""

    known: bool
    low: int
    high: int
    naive: int
    """Entries that are known: a plain client would request each of them, however fresh."""
    entries: int
    """Entries that are fetched, at most."""
    unexpired: int = 0
    """Entries among them whose copy from Jikan has not expired."""


def _part(name: str, memory: Memory, options: AnimeOptions) -> _Part:
    stored, known = Stored(memory), recall(memory, name, options.rules())
    if known is None:
        return _Part(known=False, low=1, high=_most(options, 0), naive=1, entries=options.members)
    if stored.is_within(known.at, FRANCHISE):
        stale = [number for number in known.members if stored.entry(number, DETAILS) is None]
        batches = math.ceil(len(stale) / BATCH)
        return _Part(
            known=True,
            low=batches,
            high=batches,
            naive=len(known.members),
            entries=len(stale),
            unexpired=_unexpired(stale, memory),
        )
    many = max(1, len(known.members))
    return _Part(
        known=True,
        low=math.ceil(many / BATCH),
        high=_most(options, many),
        naive=many,
        entries=max(many, options.members),
        unexpired=_unexpired(known.members, memory),
    )


def _most(options: AnimeOptions, known: int) -> int:
    """Return how many requests a walk may take at most.

    Every response shows relations of related entries, so each further request reaches two relations deeper. A full
    batch may leave entries for the next request. And every request fetches at least one entry.
    """
    deep = 1 + math.ceil(options.depth / 2) + options.members // BATCH
    return max(1, math.ceil(known / BATCH), min(options.members, deep))


def _unexpired(numbers: Iterable[int], memory: Memory) -> int:
    """Count the entries that Jikan is not asked for again."""
    stored = Stored(memory)
    rows = memory.rows("anime", [(number,) for number in numbers])
    return sum(bool(row.get("id_mal")) and stored.is_mal_fresh(row["id_mal"]) for row in rows.values())


def _jikan(parts: list[_Part], options: AnimeOptions) -> Estimate:
    """Estimate the requests to Jikan. Which entries have gaps is known only once AniList has answered."""
    asked = options.details != "none"
    most = sum(part.entries - part.unexpired for part in parts) if asked else 0
    why = {
        "none": "Jikan: not asked (details)",
        "missing": "Jikan: one request for each entry that AniList leaves gaps in, and whose copy has expired",
        "all": "Jikan: one request for each entry whose copy has expired",
    }[options.details]
    naive = sum(part.naive for part in parts) if asked else 0
    return Estimate(
        resource="jikan",
        requests_low=0,
        requests_high=most,
        naive_requests=naive,
        naive_open=asked and not all(part.known for part in parts),
        why=why,
    )

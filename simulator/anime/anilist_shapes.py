"""Entries in AniList's JSON, in the shape of recorded responses: all fields, whatever the query selects."""

from typing import Any

from simulator.anime.world import AnimeWorld, Show

_GENRES = ("Action", "Drama", "Mystery", "Slice of Life", "Sports")
_UPDATED = 1_740_000_000


def media(world: AnimeWorld, show: Show) -> dict[str, Any]:
    """Write an entry. As in recordings, months, English titles and MyAnimeList ids may be null."""
    dice = show.dice
    return {
        "id": show.id,
        "idMal": show.mal,
        "type": show.kind,
        "format": show.format,
        "status": "FINISHED",
        "title": {"romaji": show.title, "english": show.english, "native": f"作品 {show.id}"},
        "synonyms": [f"{show.title} (TV)"] if dice % 3 else [],
        "description": f"About {show.title}.<br>\nAnd more.",
        "episodes": None if dice % 9 == 0 else show.episodes,
        "duration": 24 if show.format == "TV" else 90,
        "season": ("WINTER", "SPRING", "SUMMER", "FALL")[((show.month or 1) - 1) // 3],
        "seasonYear": show.year,
        "startDate": {"year": show.year, "month": show.month, "day": None},
        "endDate": {"year": show.year, "month": 12, "day": 24},
        "source": "MANGA",
        "averageScore": 50 + dice % 45,
        "popularity": dice % 100_000,
        "genres": [_GENRES[dice % len(_GENRES)]],
        "studios": {"nodes": [{"name": f"Studio {dice % 7}"}]},
        "isAdult": False,
        "siteUrl": f"https://anilist.co/{show.kind.lower()}/{show.id}",
        "updatedAt": _UPDATED + dice % 1_000_000,
        "relations": relations(world, show, deep=True),
    }


def relations(world: AnimeWorld, show: Show, *, deep: bool) -> dict[str, Any]:
    """Write all relations of an entry at once: AniList has no paging for them."""
    return {
        "edges": [
            {
                "relationType": kind,
                "node": {
                    "id": other.id,
                    "type": other.kind,
                    **({"relations": relations(world, other, deep=False)} if deep else {}),
                },
            }
            for kind, other in world.relations(show)
        ]
    }

"""Ground truth of the simulated anime: franchises of one shape, each computed from its number on demand.

A franchise has 15 anime and a manga. Its graph has cycles and relations that only one end shows. A commercial joins it
by CHARACTER edges to the next franchise, which is otherwise unrelated.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from simulator.data.chance import mix, stream
from simulator.data.words import ADJECTIVES, HOSTILE, NOUNS

SPAN = 20
"""Distance between the first ids of two franchises."""
MEMBERS = 15
MANGA, COMMERCIAL = 16, 17
_MAL = 30_000
_PARTS: tuple[tuple[str, str, int], ...] = (
    ("", "TV", 0), ("2", "TV", 2), ("3", "TV", 4), ("Final", "TV", 6), ("the Movie", "MOVIE", 3), ("Recap", "MOVIE", 1),
    ("OVA", "OVA", 1), ("Extras", "SPECIAL", 1), ("Chibi", "TV_SHORT", 2), ("Origins", "OVA", 3), ("Gaiden", "ONA", 5),
    ("Another Tale", "ONA", 5), ("Theme", "MUSIC", 6), ("Picture Drama", "SPECIAL", 3), ("Epilogue", "OVA", 7),
)  # fmt: skip
_EDGES: tuple[tuple[int, int, str, str], ...] = (
    (0, 1, "SEQUEL", "PREQUEL"), (1, 2, "SEQUEL", "PREQUEL"), (2, 3, "SEQUEL", "PREQUEL"),
    (1, 4, "SIDE_STORY", "PARENT"), (0, 5, "SUMMARY", "PARENT"), (0, 6, "SIDE_STORY", "PARENT"),
    (0, 7, "SIDE_STORY", "PARENT"), (7, 6, "ALTERNATIVE", ""), (0, 8, "SPIN_OFF", "PARENT"),
    (0, 9, "PREQUEL", "SEQUEL"), (2, 10, "SIDE_STORY", "PARENT"), (10, 11, "ALTERNATIVE", "ALTERNATIVE"),
    (11, 2, "PARENT", "SIDE_STORY"), (3, 12, "OTHER", "OTHER"), (3, 13, "SIDE_STORY", "PARENT"),
    (3, 12, "SIDE_STORY", "PARENT"), (3, 14, "SEQUEL", "PREQUEL"), (0, MANGA - 1, "ADAPTATION", "SOURCE"),
    (0, COMMERCIAL - 1, "CHARACTER", "CHARACTER"),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AnimeSizes:
    """The amount of data."""

    franchises: int = 500


class Show(msgspec.Struct, frozen=True):
    id: int
    mal: int | None
    franchise: int
    part: int
    """From 0; 15 is the manga, 16 the commercial."""
    title: str
    english: str | None
    format: str
    kind: str
    """"ANIME" or "MANGA"."""
    year: int
    month: int | None
    episodes: int
    dice: int
    """64 random bits for decorative values."""


class AnimeWorld:
    """Franchises with their entries and relations."""

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: AnimeSizes | None = None) -> None:
        self.sizes = sizes or AnimeSizes()
        self._year = year
        self._dice = stream(seed, "anime")

    def name(self, franchise: int) -> str:
        """Return the title of a franchise's first entry."""
        adjective = ADJECTIVES[franchise % len(ADJECTIVES)].capitalize()
        rest = franchise // len(ADJECTIVES)
        noun = NOUNS[rest % len(NOUNS)].capitalize()
        round_ = rest // len(NOUNS)
        return f"{adjective} {noun}{f' {round_ + 1}' if round_ else ''}"

    def members(self, franchise: int) -> list[int]:
        """Return the ids of a franchise's anime."""
        return [franchise * SPAN + part + 1 for part in range(MEMBERS)]

    def show(self, number: int) -> Show | None:
        """Find an entry by its AniList id."""
        franchise, part = divmod(number - 1, SPAN)
        if number < 1 or franchise >= self.sizes.franchises or part >= COMMERCIAL:
            return None
        dice = mix(self._dice, number)
        name, gap = self.name(franchise), dice % 4 == 0
        words, kind, after = ("Manga", "MANGA", 0) if part == MANGA - 1 else ("Commercial", "ONA", 8)
        if part < MEMBERS:
            words, kind, after = _PARTS[part]
        title = " ".join(filter(None, (name, words)))
        if part == MEMBERS - 2 and franchise % 5 == 0:
            title = f"{title} {HOSTILE[franchise % len(HOSTILE)]}"
        return Show(
            number,
            None if dice % 11 == 0 else _MAL + number,
            franchise,
            part,
            title,
            None if gap else f"{title}!",
            kind,
            "MANGA" if part == MANGA - 1 else "ANIME",
            self._year - 10 + after,
            None if dice % 13 == 0 else 1 + dice % 12,
            1 + (dice >> 8) % 25,
            dice,
        )

    def by_mal(self, mal: int) -> Show | None:
        """Find an anime by its MyAnimeList id."""
        found = self.show(mal - _MAL)
        return found if found and found.mal == mal and found.kind == "ANIME" else None

    def relations(self, show: Show) -> list[tuple[str, Show]]:
        """Return the related entries with the kind of relation."""
        base = show.franchise * SPAN + 1
        ends = [(kind, base + dst) for src, dst, kind, _ in _EDGES if src == show.part]
        ends += [(back, base + src) for src, dst, _, back in _EDGES if dst == show.part and back]
        if show.part == COMMERCIAL - 1:
            ends.append(("CHARACTER", base + SPAN))
        if show.part == 0:
            ends.append(("CHARACTER", base - SPAN + COMMERCIAL - 1))
        return [(kind, other) for kind, number in ends if (other := self.show(number))]

    def shows(self) -> Iterator[Show]:
        """Yield every entry, by id."""
        numbers = range(1, self.sizes.franchises * SPAN + 1)
        return (show for number in numbers if (show := self.show(number)))

    def search(self, words: str) -> list[Show]:
        """Find entries whose title contains the words; exact titles come first."""
        wanted = words.casefold().strip()
        franchises = [number for number in range(self.sizes.franchises) if self._may_match(number, wanted)]
        shows = [show for number in franchises for each in self._ids(number) if (show := self.show(each))]
        found = [show for show in shows if wanted in show.title.casefold()]
        return sorted(found, key=lambda show: (show.title.casefold() != wanted, show.id))

    def _may_match(self, franchise: int, wanted: str) -> bool:
        name = self.name(franchise).casefold()
        return wanted in name or name in wanted

    def _ids(self, franchise: int) -> range:
        return range(franchise * SPAN + 1, (franchise + 1) * SPAN + 1)

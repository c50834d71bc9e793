"""Words of the simulated users. Some of them try to be more than text."""

VERBS = ("Fix", "Add", "Remove", "Speed up", "Document", "Refactor", "Test", "Rename", "Guard", "Simplify")
THINGS = (
    "the parser", "paging", "a race at shutdown", "retry of uploads", "the cache key", "unicode paths", "the changelog",
    "an empty answer", "time zones", "the build on ARM", "error messages", "a leaking socket", "the login form", "été",
)  # fmt: skip
HOSTILE = (
    "[bold red]not markup[/bold red]",
    "\x1b[31mred\x1b[0m \x1b]52;c;aGVsbG8=\x07",
    "\u202egnp.exe \u200b<script>alert(1)</script>",
    "'; drop table pull; --",
)
"""Titles that must be shown unchanged: markup, terminal escapes, direction marks, SQL."""

ADJECTIVES = ("amber", "brisk", "calm", "dense", "eager", "faint", "grand", "hollow", "ivory", "jolly", "keen", "lucid")
NOUNS = (
    "anchor",
    "beacon",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "garnet",
    "harbor",
    "inlet",
    "jasper",
    "kiln",
    "lantern",
)
NAMES = (
    "ada",
    "bjarne",
    "chen",
    "dorit",
    "emeka",
    "farah",
    "goran",
    "hana",
    "ines",
    "jun",
    "kofi",
    "lena",
    "mira",
    "noor",
)
TAGS = (
    "katze", "hund", "video", "musik", "alt aber gut", "süßvieh", "webm", "oc", "nostalgie", "wissenschaft", "9.800円",
    "kadse", "reddit", "schwarzweiß", "repost",
)  # fmt: skip
REMARKS = (
    "lachte", "jep", "Das ist richtig gut.", "Quelle?", "Schöner Beitrag,\r\ngerne mehr davon.", "ich auch 🙂", "nein",
    "[b]fett[/b] & <i>kursiv</i>", "Erinnert mich an früher.", "+1",
)  # fmt: skip


def title(value: int) -> str:
    """Compose a title; one in 64 is hostile."""
    if value & 63 == 0:
        return HOSTILE[(value >> 6) % len(HOSTILE)]
    return f"{VERBS[(value >> 6) % len(VERBS)]} {THINGS[(value >> 12) % len(THINGS)]}"


def slug(value: int) -> str:
    """Compose a name of two words."""
    return f"{ADJECTIVES[value % len(ADJECTIVES)]}-{NOUNS[(value >> 8) % len(NOUNS)]}"

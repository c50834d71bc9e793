"""Names of sources, tables and columns, made from what an API calls things."""

import re
from collections.abc import Container
from typing import Final
from urllib.parse import unquote, urlsplit

_PLAIN_LABELS: Final = frozenset({"api", "apis", "www", "rest", "public", "data", "v1", "v2", "v3", "gateway", "open"})
_SECOND_LEVEL: Final = frozenset({"co", "com", "org", "net", "gov", "gob", "ac", "edu"})
_HUMPS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(word: str, fallback: str = "items") -> str:
    """Return a word as the name of a table or a column: lower-case letters, digits and underscores."""
    split = _HUMPS.sub("_", word)
    plain = re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")
    if plain and not plain[0].isalpha():
        plain = f"n{plain}"
    return plain[:41].rstrip("_") or fallback


def source_name(url: str, taken: Container[str] = ()) -> str:
    """Name a source after the host of its API."""
    host = (urlsplit(url).hostname or "").lower()
    labels = [label for label in host.split(".") if label]
    if all(label.isdigit() for label in labels) or ":" in host:
        labels = ["api"]
    named = labels[:-1] if len(labels) > 1 else labels
    if len(named) > 1 and named[-1] in _SECOND_LEVEL:
        named = named[:-1]
    own = [label for label in named if label not in _PLAIN_LABELS] or named
    plain = re.sub(r"[^a-z0-9]+", "-", own[-1] if own else "api").strip("-") or "api"
    return distinct(plain[:25] if plain[0].isalpha() else f"api-{plain}"[:25], taken, "-api")


def distinct(name: str, taken: Container[str], suffix: str = "") -> str:
    """Return a name that is not taken: with the suffix, or else with a number."""
    if name not in taken:
        return name
    joined = f"{name}{suffix}" if suffix else name
    number = 2
    made = joined
    while made in taken:
        made, number = f"{joined}{'-' if '-' in suffix else '_'}{number}", number + 1
    return made


def table_name(path: str) -> str:
    """Name a table after the last word of a path."""
    words = [unquote(step) for step in path.split("/") if step and "{" not in step]
    spoken = [word for word in words if re.search(r"[A-Za-z]", word)]
    last = re.sub(r"\.(json|csv|xml|jsonl|ndjson)$", "", spoken[-1]) if spoken else ""
    return snake(last)


def singular(table: str) -> str:
    """Return the singular of a table's name, by the usual endings."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("s", "")):
        if table.endswith(ending) and not table.endswith(("ss", "series", "news")):
            return table[: -len(ending)] + instead
    return table

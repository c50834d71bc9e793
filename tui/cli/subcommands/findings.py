"""The findings of `fetchdeck check`."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine.common.errors import StoreUnusable
from engine.common.paths import tilde
from engine.common.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checked thing: right, wrong, or not asked about."""

    well: bool
    """Whether it is right."""
    what: str
    detail: str
    asked: bool = True
    """Whether it was checked at all. What was not is no mistake, and gets no tick."""

    def text(self, encoding: str) -> str:
        """Return the finding in one line, with marks that the encoding has."""
        signs = ("✓", "✗", "–")  # noqa: RUF001 -- a dash of the width of the other two
        try:
            "".join(signs).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            signs = ("ok", "no", "--")
        right, wrong, unasked = signs
        sign = wrong if not self.well else right if self.asked else unasked
        return f"{sign} {self.what}: {clean(self.detail, 400)}"


def usable_folder(database: Path) -> None:
    """Check that a database can be written at its path.

    Raises:
        StoreUnusable: the file or its folder cannot be written.
    """
    folder = next(one for one in database.parents if one.exists())
    if not folder.is_dir():
        raise StoreUnusable(f"{tilde(folder)} is no folder: name another place with --db")
    for target in (folder, database):
        if target.exists() and not os.access(target, os.W_OK):
            raise StoreUnusable(f"{tilde(target)} cannot be written: allow it, or name another place with --db")

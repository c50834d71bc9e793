"""The findings of `fetchdeck check`."""

import os
from dataclasses import dataclass
from pathlib import Path

from engine.common.errors import StoreUnusable
from engine.common.paths import tilde
from engine.common.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One checked thing, right or wrong."""

    well: bool
    """Whether it is right."""
    what: str
    detail: str

    def text(self, encoding: str) -> str:
        """Return the finding in one line, with marks that the encoding has."""
        signs = ("✓", "✗")
        try:
            "".join(signs).encode(encoding)
        except (UnicodeEncodeError, LookupError):
            signs = ("ok", "no")
        return f"{signs[0] if self.well else signs[1]} {self.what}: {clean(self.detail, 400)}"


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

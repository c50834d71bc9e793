"""The wardrobe: which theme is worn, and the ink that comes of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.theme import Theme

from engine.common.text import clean
from tui.app.themes import DEFAULT, Shelf
from tui.widgets.ink import Ink
from tui.widgets.theme_styles import of_theme, without_colour


class Wardrobe:
    """Holds the themes there are. Without colour every theme looks the same."""

    def __init__(self, *, folders: Sequence[Path], wanted: str | None, colourless: bool, ascii_only: bool) -> None:
        self.colourless = colourless
        self._ascii_only = ascii_only
        self._shelf = Shelf(folders)
        self.problems = self._shelf.reload()
        """What is wrong with the themes' files."""
        if wanted is not None and wanted not in self._shelf.themes:
            self.problems.append(f"no theme {clean(wanted, 40)!r}; there are {', '.join(sorted(self._shelf.themes))}")
        self.wear(wanted if wanted in self._shelf.themes else DEFAULT)

    @property
    def themes(self) -> Mapping[str, Theme]:
        """Themes by name."""
        return self._shelf.themes

    def reload(self) -> list[str]:
        """Read the themes' files again; return a line for each that is wrong."""
        self.problems = self._shelf.reload()
        return self.problems

    def wear(self, name: str | None) -> None:
        """Put a theme on; a new ink makes every panel draw again."""
        self.worn = self._shelf.themes[name or DEFAULT]
        palette = without_colour() if self.colourless else of_theme(self.worn)
        self.ink = Ink(palette=palette, ascii_only=self._ascii_only)

"""Themes: the shipped ones and the user's own, as TOML files with the fields of a Textual theme."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

from engine.common.errors import ConfigError
from engine.common.text import clean
from tui.widgets.theme_styles import Ink, of_theme, without_colour

DEFAULT: Final = "midnight"
_COLOURS: Final = {"primary", "secondary", "accent", "success", "warning", "error"} | {
    *("foreground", "background", "surface", "panel", "boost")
}
_KNOWN: Final = frozenset(field.name for field in fields(Theme)) - {"ansi"}
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


def shipped() -> Path:
    """Return the folder of the shipped themes."""
    return Path(str(files("themes")))


def read(path: Path) -> Theme:
    """Read a theme from a file.

    Raises:
        ConfigError: the file cannot be read, or a field is unknown, missing or invalid.
    """
    where = clean(str(path))
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{where}: no theme can be read: {clean(str(error))}") from error
    _check(found, where)
    if not _of_the_terminal(found):
        return Theme(**{"name": path.stem, **found})
    needed = {"ansi-background": "ansi_black", "ansi-foreground": "ansi_white"}  # Textual's own style sheet uses them
    return Theme(**{"name": path.stem, **found, "variables": needed | found.get("variables", {})}, ansi=True)


class ThemeLibrary:
    """All themes by name. If a file becomes invalid, its last valid version stays."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = (shipped(), *folders)
        self._themes: dict[str, Theme] = {}

    @property
    def themes(self) -> Mapping[str, Theme]:
        return self._themes

    def reload(self) -> list[str]:
        """Read all folders; a later one overrides an earlier one. Return a line for each invalid file."""
        problems = []
        for path in [path for folder in self._folders for path in sorted(folder.glob("*.toml"))]:
            try:
                theme = read(path)
            except ConfigError as error:
                problems.append(str(error))
            else:
                self._themes[theme.name] = theme
        return problems


def _of_the_terminal(found: Mapping[str, Any]) -> bool:
    """Return whether a theme uses colours of the terminal's own palette, which must not be converted."""
    return any(str(found.get(name, "")).startswith("ansi_") for name in _COLOURS)


def _check(found: Mapping[str, Any], where: str) -> None:
    for key, value in found.items():
        if key not in _KNOWN:
            raise ConfigError(f"{where}: unknown field {clean(key)!r}; known are {', '.join(sorted(_KNOWN))}")
        if key in _COLOURS:
            _check_colour(key, value, where)
    if "primary" not in found:
        raise ConfigError(f"{where}: the field 'primary' is missing: a colour such as \"#5fb3f9\"")
    _check_type(found, "dark", bool, "true or false", where)
    for number in ("luminosity_spread", "text_alpha"):
        _check_type(found, number, int | float, "a number", where)
    name = found.get("name", "unnamed")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: name = {clean(repr(name))}: lower-case letters, digits and dashes only")
    _check_variables(found.get("variables", {}), where)


def _check_variables(variables: Any, where: str) -> None:
    if not isinstance(variables, dict):
        raise ConfigError(f"{where}: variables is a table of names and texts")
    for key, value in variables.items():
        _check_colour(f"variables.{clean(key)}", value, where)


def _check_colour(key: str, value: Any, where: str) -> None:
    try:
        if isinstance(value, str):
            Color.parse(value)
            return
    except ColorParseError:
        pass
    raise ConfigError(f'{where}: {key} = {clean(repr(value), 40)} is no colour; write one like "#5fb3f9"')


def _check_type(found: Mapping[str, Any], key: str, kind: Any, words: str, where: str) -> None:
    if key in found and (not isinstance(found[key], kind) or (kind is not bool and isinstance(found[key], bool))):
        raise ConfigError(f"{where}: {key} = {clean(repr(found[key]), 40)} must be {words}")


class ThemeManager:
    """The themes, the applied one, and the ink made from it. Without colour all themes look the same."""

    def __init__(self, *, folders: Sequence[Path], wanted: str | None, colourless: bool, ascii_only: bool) -> None:
        self.colourless = colourless
        self._ascii_only = ascii_only
        self._library = ThemeLibrary(folders)
        self.problems = self._library.reload()
        """A line for each invalid theme file."""
        if wanted is not None and wanted not in self._library.themes:
            self.problems.append(f"no theme {clean(wanted, 40)!r}; there are {', '.join(sorted(self._library.themes))}")
        self.apply(wanted if wanted in self._library.themes else DEFAULT)

    @property
    def themes(self) -> Mapping[str, Theme]:
        return self._library.themes

    def reload(self) -> list[str]:
        self.problems = self._library.reload()
        return self.problems

    def apply(self, name: str | None) -> None:
        """Apply a theme. It makes a new ink, so that every panel is drawn again."""
        self.current = self._library.themes[name or DEFAULT]
        palette = without_colour() if self.colourless else of_theme(self.current)
        self.ink = Ink(palette=palette, ascii_only=self._ascii_only)

"""The key map: the table `[keys]` of the configuration, checked against every screen before one is drawn."""

import string
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from textual.binding import Binding
from textual.keys import Keys, _character_to_key

from engine.common.errors import ConfigError
from engine.common.text import clean, suggestion
from engine.config.settings import Settings
from tui.app.app import FetchdeckApp
from tui.screens import bindings
from tui.screens.changes.screen import ChangeFeed
from tui.screens.command_palette import command_name
from tui.screens.coverage.screen import Coverage
from tui.screens.dashboard.dashboard import Dashboard
from tui.screens.dashboard.focus import Focus
from tui.screens.help import Help
from tui.screens.picker.screen import Picker
from tui.screens.theme_picker import Themes
from tui.screens.triage.error_groups import Triage
from tui.screens.triage.failed_requests import FailedRequestList, FailedRequestPage
from tui.screens.triage.quarantine import Quarantine

SCREENS: Final = (
    Picker,
    Dashboard,
    Focus,
    Help,
    Themes,
    Triage,
    FailedRequestList,
    FailedRequestPage,
    Coverage,
    ChangeFeed,
    Quarantine,
)
FORBIDDEN: Final = (
    {f"ctrl+{letter}" for letter in "abcdnqstwz"}
    | {"ctrl+backslash", "ctrl+right_square_bracket", "tilde"}
    | {*("f1", "f10", "f11")}
)
"""Keys that terminals, shells and multiplexers use themselves, and ctrl+c and ctrl+z, which fetchdeck uses."""
_ALIASES: Final = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "pgdown": "pagedown", "return": "enter"}
_NAMED: Final = {key.value for key in Keys} | {_character_to_key(letter) for letter in string.punctuation}


def keymap(wanted: Mapping[str, str], name: Callable[[str], str]) -> Mapping[str, str]:
    """Return the keys of every configured action, by binding id.

    Args:
        wanted: keys by action, as "space,x" for "pause".
        name: returns an action's name for a message, with its file.

    Raises:
        ConfigError: an action or a key is unknown, a key is used twice or cannot be bound, or nothing would quit.
    """
    ids = _ids()
    found: dict[str, str] = {}
    for action, keys in wanted.items():
        if action not in ids:
            raise ConfigError(f"{name(action)}: there is no such action: {suggestion(clean(action, 30), ids)}")
        if action == "interrupt":
            raise ConfigError(f"{name(action)}: ctrl+c always leaves; give quit other keys instead")
        spelled = [_key(key, name(action)) for key in keys.split(",")]
        found |= dict.fromkeys(ids[action], ",".join(spelled))
    for screen in SCREENS:
        _refuse_clashes(screen, found, {id: action for action, many in ids.items() for id in many}, name)
    return found


def checked(settings: Settings) -> Mapping[str, str]:
    """Return the keys of a configuration, by binding id.

    Raises:
        ConfigError: as for `keymap`.
    """
    return keymap(settings.keys, lambda action: settings.origin.name(("keys", action)))


def bound(owner: type) -> list[Binding]:
    """Return the bindings of a screen or of the app, one for each key."""
    merged = owner._merge_bindings()  # type: ignore[attr-defined]  # noqa: SLF001 -- Textual has no other list of them
    return [binding for _key, binding in merged]


def _ids() -> dict[str, set[str]]:
    """Return the binding ids of every action. Actions of the same name on several screens share their keys."""
    found: dict[str, set[str]] = {}
    for owner in (FetchdeckApp, *SCREENS):
        for binding in bound(owner):
            found.setdefault(command_name(binding), set()).add(binding.id or "")
    return found


def _key(text: str, where: str) -> str:
    """Return a key by Textual's name."""
    key = text.strip()
    if not key:
        raise ConfigError(f'{where}: says no key; want one or more, as in "space,x"; a comma itself is called comma')
    key = _ALIASES.get(key.lower(), key)
    key = _character_to_key(key) if len(key) == 1 else key.lower()
    modified = key.startswith("ctrl+") and key[5:] in string.ascii_lowercase
    if not (modified or key in _NAMED or (len(key) == 1 and key.isprintable())):
        raise ConfigError(f'{where}: "{clean(text.strip(), 30)}" is no key; want a letter, a sign, or a name as F5')
    if key in FORBIDDEN:
        raise ConfigError(f"{where}: {bindings.name(key)} belongs to the terminal, tmux or screen; choose another key")
    return key


def _refuse_clashes(
    screen: type, found: Mapping[str, str], names: Mapping[str, str], name: Callable[[str], str]
) -> None:
    """Refuse a key with two meanings on one screen.

    A screen may override a key of the app by default; such pairs are allowed.
    """
    usual = _meanings(screen, {})
    for key, ids in _meanings(screen, found).items():
        if len(ids) > 1 and not ids <= usual.get(key, set()):
            mine = sorted(names[id] for id in ids if id in found)
            others = sorted({names[id] for id in ids} - set(mine[:1]))
            raise ConfigError(
                f"{name(mine[0])}: {bindings.name(key)} means {' and '.join(others)} already; change one of them"
            )


def _meanings(screen: type, found: Mapping[str, str]) -> dict[str, set[str]]:
    meanings: dict[str, set[str]] = {}
    for binding in _all(screen):
        id = binding.id or ""
        keys: Iterable[str] = found[id].split(",") if id in found else (binding.key,)
        for key in keys:
            meanings.setdefault(key, set()).add(id)
    return meanings


def _all(screen: type) -> list[Binding]:
    return [*bound(screen), *bound(FetchdeckApp)]

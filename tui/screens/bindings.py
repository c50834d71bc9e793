"""The texts of key bindings. The footer and the help page are made from the bindings themselves."""

from collections.abc import Iterable
from typing import Final

from textual.binding import Binding

from tui.widgets.footer import Hint
from tui.widgets.help import Key

_NAMES: Final = {
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "colon": ":",
    "escape": "esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
}


def name(key: str) -> str:
    """Return the name of a key as it is printed on a keyboard."""
    return _NAMES.get(key, key)


def hints(bindings: Iterable[Binding]) -> list[Hint]:
    """Return the hints of the footer: one key for each action; actions with the same description share a hint."""
    found: dict[str, dict[str, str]] = {}
    for binding in sorted(bindings, key=_rank):
        if binding.show and binding.description:
            found.setdefault(binding.description, {}).setdefault(binding.action, name(binding.key))
    return [
        Hint("/".join(keys.values()), description, last=description in {"help", "quit"})
        for description, keys in found.items()
    ]


def _rank(binding: Binding) -> int:
    """Sort open and back first, then the keys that act, then those that only change the view."""
    id = binding.id or ""
    if id in {"view.open", "view.back"}:
        return 0
    return 2 if id.startswith("view.") else 1


def keys(bindings: Iterable[Binding]) -> list[Key]:
    """Return the entries of the help page: all keys with one meaning together, grouped by the first part of the id."""
    found: dict[tuple[str, str], list[str]] = {}
    for binding in bindings:
        group = (binding.id or "app").partition(".")[0]
        found.setdefault((group, binding.tooltip or binding.description), []).append(name(binding.key))
    return [Key(group, _together(names), what) for (group, what), names in found.items()]


def _together(names: list[str]) -> str:
    if len(names) > 2 and all(part.isdigit() for part in names):
        return f"{names[0]}-{names[-1]}"
    return " ".join(names)

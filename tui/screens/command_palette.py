"""The command palette: every action of the screen it was opened from. Typing filters the list."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import ActiveBinding, Binding, BindingType
from textual.dom import DOMNode

from tui.actions.messages import CommandChosen
from tui.common.settings_text import Tunable
from tui.screens.bindings import name as key_name
from tui.screens.frame import Frame
from tui.screens.list_screen import Listing
from tui.screens.prompts import Prompt
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row

_NUMBERED: Final = re.compile(r"(pin|cap) +([0-9]{1,4})")
MOST: Final = 1000
"""The highest number that a pin or a cap takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An action and its name."""

    name: str
    what: str
    keys: str
    action: str
    node: DOMNode | None
    """The node that the action belongs to; None for the app."""


def commands(
    active: Iterable[ActiveBinding],
    *,
    themes: Iterable[str],
    sources: Iterable[str],
    settings: Iterable[Tunable] = (),
) -> list[Command]:
    """List the actions of a screen's bindings, and those without a key: themes, sources and settings by name."""
    found: dict[str, Command] = {}
    for one in active:
        name = command_name(one.binding)
        keys = key_name(one.binding.key)
        old = found.get(name)
        found[name] = Command(
            name=name,
            what=one.binding.tooltip or one.binding.description,
            keys=keys if old is None else f"{old.keys} {keys}",
            action=one.binding.action,
            node=one.node,
        )
    for theme in themes:
        named = f"theme {theme}"
        found[named] = Command(name=named, what="wear it", keys="", action=f"apply_theme({theme!r})", node=None)
    for source in sources:
        named = f"source {source}"
        found[named] = Command(name=named, what="show it alone", keys="", action=f"source({source!r})", node=None)
    for setting in settings:
        named = f"set {setting.name}"
        found[named] = Command(name=named, what=setting.what, keys="", action=f"set({setting.name!r})", node=None)
    found.pop("commands", None)
    return sorted(found.values(), key=lambda command: command.name)


def command_name(binding: Binding) -> str:
    """Return the name of an action in the palette and in the keymap: the last part of its id."""
    return (binding.id or "").partition(".")[2]


def narrow(found: Iterable[Command], text: str) -> list[Command]:
    """Return the commands that match a text, the best match first."""
    wanted = text.strip().lower()
    ranked = [(_rank(command, wanted), command.name, command) for command in found]
    return [command for rank, _, command in sorted(ranked, key=lambda one: one[:2]) if rank < 4]


def numbered(found: Sequence[Command], text: str) -> list[Command]:
    """Return the command made of a name and a number, as "pin 12" or "cap 12"; none if it is not possible here."""
    typed = _NUMBERED.fullmatch(text.strip().lower())
    if typed is None or not 1 <= int(typed[2]) <= MOST:
        return []
    named = {"pin": ("pin", "pin", "so many in flight, and it stays so"), "cap": ("cap-less", "cap_at", "never more")}
    like, action, what = named[typed[1]]
    node = next((command.node for command in found if command.name == like), None)
    if node is None:
        return []
    number = int(typed[2])
    return [Command(name=f"{typed[1]} {number}", what=what, keys="", action=f"{action}({number})", node=node)]


def _rank(command: Command, wanted: str) -> int:
    if command.name == wanted:
        return 0
    if command.name.startswith(wanted):
        return 1
    if wanted in command.name:
        return 2
    return 3 if wanted in command.what.lower() else 4


class Commands(Listing, inherit_bindings=False):
    """Lists the commands that match the typed text; enter runs the one under the cursor."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "list", "status", "footer")
    HEADING: ClassVar[int] = 0
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, frame: Frame, found: Sequence[Command]) -> None:
        super().__init__(frame)
        self._all = tuple(found)
        self._text = ""
        self.ask_for_one()

    def ask_for_one(self) -> None:
        """Open the prompt. It stays open until the page closes."""
        self.prompt = Prompt(
            ":", text=self._text, changed=self._narrow, done=lambda _: self._choose(), cancelled=self.action_close
        )

    def on_key(self, event: events.Key) -> None:
        """Move the cursor with the keys that type no character; pass all others to the prompt."""
        steps = {"down": 1, "up": -1, "tab": 1, "shift+tab": -1, "pagedown": 10, "pageup": -10}
        if event.key in steps:
            event.stop()
            event.prevent_default()
            self.action_move(steps[event.key])
        else:
            super().on_key(event)

    def found(self) -> list[Command]:
        return numbered(self._all, self._text) or narrow(self._all, self._text)

    def length(self) -> int:
        return len(self.found())

    def trail(self) -> tuple[str, str]:
        return "commands", f"{self.length()} of {len(self._all)}"

    def rows(self, width: int, height: int) -> Sequence[Row]:
        found = self.found()
        if not found:
            return fill([row([Span(" no command is called that", Tone.DIM)], width)], width, height)
        first = max(0, min(self.cursor - height // 2, len(found) - height))
        drawn = [_row(command, width, at_cursor=at == self.cursor) for at, command in enumerate(found)]
        return fill(drawn[first:], width, height)

    def _narrow(self, text: str) -> None:
        self._text, self.cursor = text, 0

    def _choose(self) -> None:
        found = self.found()
        if found:
            chosen = found[min(self.cursor, len(found) - 1)]
            self.post_message(CommandChosen(chosen.action, chosen.node))
        else:
            self.ask_for_one()


def _row(command: Command, width: int, *, at_cursor: bool) -> Row:
    spans = [
        Span("▸" if at_cursor else " ", Tone.ACCENT),
        Span(fit(command.name, 24) + " ", Tone.TITLE if at_cursor else Tone.TEXT),
        Span(fit(command.keys, 12) + " ", Tone.ACCENT),
        Span(command.what, Tone.DIM),
    ]
    return row(spans, width, Ground.CURSOR if at_cursor else Ground.BASE)

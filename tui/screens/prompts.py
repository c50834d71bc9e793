"""Prompts: a question or a text input in the last line of a screen. An open prompt receives every key."""

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len

from engine.common.text import clean
from engine.model.snapshot import GroupState
from engine.model.tuning import Tuning
from tui.common.settings_text import setting_text, with_setting
from tui.widgets.rows import Ground, Row, Span, Tone, row

LONGEST: Final = 200
"""The most characters that a prompt takes, unless it says otherwise."""


class Line:
    """The text of a prompt and its cursor, without any drawing."""

    def __init__(self, text: str = "", longest: int = LONGEST) -> None:
        self.text = text
        self._longest = longest
        self.at = len(text)

    def key(self, key: str, character: str | None) -> None:
        """Handle a key; unknown keys are ignored."""
        match key:
            case "backspace":
                self._replace(max(0, self.at - 1), self.at)
            case "delete":
                self._replace(self.at, self.at + 1)
            case "ctrl+u":
                self._replace(0, self.at)
            case "left":
                self.at = max(0, self.at - 1)
            case "right":
                self.at = min(len(self.text), self.at + 1)
            case "home":
                self.at = 0
            case "end":
                self.at = len(self.text)
            case _ if character is not None and character.isprintable():
                self.insert(character)

    def insert(self, text: str) -> None:
        """Insert text at the cursor. Control characters become marks, and text beyond the longest length is cut."""
        room = self._longest - len(self.text)
        shown = clean(text, self._longest)[: max(0, room)]
        self.text = self.text[: self.at] + shown + self.text[self.at :]
        self.at += len(shown)

    def _replace(self, start: int, end: int) -> None:
        self.text = self.text[:start] + self.text[end:]
        self.at = start


def nothing(_text: str) -> None:
    """Do nothing with what was typed."""


class Prompt:
    """Asks for a line of text.

    `changed` is called with the text after every change, `done` with the final text, `cancelled` after escape.
    """

    def __init__(
        self,
        label: str,
        *,
        text: str = "",
        changed: Callable[[str], None] = nothing,
        done: Callable[[str], None] = nothing,
        cancelled: Callable[[], None] = lambda: None,
    ) -> None:
        self.label = label
        self.line = Line(text)
        self._changed, self._done, self._cancelled = changed, done, cancelled

    def key(self, key: str, character: str | None) -> bool:
        """Handle a key; return whether the prompt is finished."""
        if key == "enter":
            self._done(self.line.text)
            return True
        if key == "escape":
            self._cancelled()
            return True
        before = self.line.text
        self.line.key(key, character)
        if self.line.text != before:
            self._changed(self.line.text)
        return False

    def paste(self, text: str) -> None:
        """Insert pasted text; it is never interpreted as keys."""
        self.line.insert(text)
        self._changed(self.line.text)

    def row(self, width: int) -> Row:
        """Draw the prompt, scrolled so that the cursor is visible."""
        text, at = self.line.text, self.line.at
        first, room = at, width - cell_len(self.label) - 4
        while first > 0 and (room := room - cell_len(text[first - 1])) >= 0:
            first -= 1
        spans = [Span(f" {self.label}", Tone.ACCENT), Span(text[first:at]), Span("▏", Tone.ACCENT), Span(text[at:])]
        return row(spans, width, Ground.BAR)


class Question(Prompt):
    """Asks a yes/no question. Every key except y means no."""

    def __init__(self, label: str, yes: Callable[[], None]) -> None:
        super().__init__(f"{label} y/N ")
        self._yes = yes

    def key(self, key: str, _character: str | None) -> bool:
        if key in {"y", "Y"}:
            self._yes()
        return True

    def paste(self, text: str) -> None:
        """Ignore a paste: it is no deliberate answer."""


class SettingPrompt(Prompt):
    """Asks for the value of a setting and starts with the current one.

    `on_problem` is called with what is wrong with the typed value, "" if it is valid. Enter is ignored while it is not.
    """

    def __init__(
        self, now: Tuning, name: str, *, on_problem: Callable[[str], None], done: Callable[[Tuning], None]
    ) -> None:
        super().__init__(
            f"{name} ",
            text=setting_text(now, name),
            changed=lambda typed: on_problem(self._problem(typed)),
            done=lambda typed: done(with_setting(now, name, typed)),
            cancelled=lambda: on_problem(""),
        )
        self._now = now
        self._name = name

    def key(self, key: str, character: str | None) -> bool:
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            with_setting(self._now, self._name, typed)
        except ValueError as error:
            return str(error)
        return ""


class WorkerPrompt(Prompt):
    """Asks for a worker by number; with several lanes, the lane is already typed.

    `on_problem` is called with what is wrong with the typed text, "" if it is valid. `done` is called with the lane and
    the number; an empty lane means the worker of that number in every lane.
    """

    def __init__(
        self, group: GroupState, lane: str, *, on_problem: Callable[[str], None], done: Callable[[str, int], None]
    ) -> None:
        super().__init__(
            f"log of worker {group.name}/",
            text=f"{lane}/" if len(group.lanes) > 1 else "",
            changed=lambda typed: on_problem(self._problem(typed)),
            done=lambda typed: done(*found(group, typed)),
            cancelled=lambda: on_problem(""),
        )
        self._group = group

    def key(self, key: str, character: str | None) -> bool:
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            found(self._group, typed)
        except ValueError as error:
            return str(error)
        return ""


def found(group: GroupState, typed: str) -> tuple[str, int]:
    """Parse "3", "graphql/3", or a lane's name shortened to a unique beginning; return the lane and the number.

    Raises:
        ValueError: the lane is unknown or the number is missing; the message is one line.
    """
    name, _, number = typed.strip().rpartition("/")
    names = [lane.resource for lane in group.lanes]
    fitting = [name] if name in {"", *names} else [one for one in names if one.startswith(name)]
    if len(fitting) != 1:
        raise ValueError(f"{clean(name, 40)} is no lane of {group.name}: {', '.join(names)}")
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"a worker has a number: {fitting[0] or '00'}{'/00' if fitting[0] else ''} is the first")
    return fitting[0], int(number)

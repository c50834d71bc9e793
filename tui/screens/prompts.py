"""A prompt: a question or a line to type at the bottom of a board. While it is open it has every key."""

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len

from engine.common.text import clean
from engine.model.snapshot import GroupState
from engine.model.tuning import Tuning
from tui.common.settings_text import text, tuned
from tui.widgets.rows import Ground, Row, Span, Tone, row

# A line being typed: text and cursor, without a screen. What is pasted into it is one line, controls shown.

LONGEST: Final = 200


class Line:
    """The text of a prompt."""

    def __init__(self, text: str = "", longest: int = LONGEST) -> None:
        self.text = text
        self._longest = longest
        self.at = len(text)

    def key(self, key: str, character: str | None) -> None:
        """Take a key; one that means nothing here is ignored."""
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
        """Put text at the cursor, safe to show and in one line; what is too long for the prompt is cut."""
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
    """Asks for a line. `changed` hears every change, `done` the line, `cancelled` that there is none."""

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
        """Take a key; say whether the prompt is over."""
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
        """Take pasted text as what was typed, never as keys."""
        self.line.insert(text)
        self._changed(self.line.text)

    def row(self, width: int) -> Row:
        """Draw it, scrolled so that the cursor is seen."""
        text, at = self.line.text, self.line.at
        first, room = at, width - cell_len(self.label) - 4
        while first > 0 and (room := room - cell_len(text[first - 1])) >= 0:
            first -= 1
        spans = [Span(f" {self.label}", Tone.ACCENT), Span(text[first:at]), Span("▏", Tone.ACCENT), Span(text[at:])]
        return row(spans, width, Ground.BAR)


class Question(Prompt):
    """Asks yes or no; anything but y is no."""

    def __init__(self, label: str, yes: Callable[[], None]) -> None:
        super().__init__(f"{label} y/N ")
        self._yes = yes

    def key(self, key: str, _character: str | None) -> bool:
        """Take the answer."""
        if key in {"y", "Y"}:
            self._yes()
        return True

    def paste(self, text: str) -> None:
        """Ignore it: nobody pastes an answer."""


# Types a setting: what the configuration would not take is told while it is typed, and enter does not take it.


class SettingPrompt(Prompt):
    """Asks for one setting, the present one already typed. `told` hears what is wrong, "" once nothing is."""

    def __init__(self, now: Tuning, name: str, *, told: Callable[[str], None], done: Callable[[Tuning], None]) -> None:
        super().__init__(
            f"{name} ",
            text=text(now, name),
            changed=lambda typed: told(self._problem(typed)),
            done=lambda typed: done(tuned(now, name, typed)),
            cancelled=lambda: told(""),
        )
        self._now = now
        self._name = name

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; enter only where the setting is right."""
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            tuned(self._now, self._name, typed)
        except ValueError as error:
            return str(error)
        return ""


# Types whose log to show: a worker's number, after the name of its lane where the source has several.


class WorkerPrompt(Prompt):
    """Asks for a worker, its lane already typed. `told` hears what is wrong, "" once nothing is.

    `done` hears the lane and the number; "" for the lane is the worker of that number in each.
    """

    def __init__(
        self, group: GroupState, lane: str, *, told: Callable[[str], None], done: Callable[[str, int], None]
    ) -> None:
        super().__init__(
            f"log of worker {group.name}/",
            text=f"{lane}/" if len(group.lanes) > 1 else "",
            changed=lambda typed: told(self._problem(typed)),
            done=lambda typed: done(*found(group, typed)),
            cancelled=lambda: told(""),
        )
        self._group = group

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; enter only where there is such a worker."""
        return not (key == "enter" and self._problem(self.line.text)) and super().key(key, character)

    def _problem(self, typed: str) -> str:
        try:
            found(self._group, typed)
        except ValueError as error:
            return str(error)
        return ""


def found(group: GroupState, typed: str) -> tuple[str, int]:
    """Read "3", "graphql/3" or as much of a lane's name as no other begins with; return the lane and the number.

    Raises:
        ValueError: there is no such lane, or no number; the message is one line.
    """
    name, _, number = typed.strip().rpartition("/")
    names = [lane.resource for lane in group.lanes]
    fitting = [name] if name in {"", *names} else [one for one in names if one.startswith(name)]
    if len(fitting) != 1:
        raise ValueError(f"{clean(name, 40)} is no lane of {group.name}: {', '.join(names)}")
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"a worker has a number: {fitting[0] or '00'}{'/00' if fitting[0] else ''} is the first")
    return fitting[0], int(number)

"""The form of `fetchdeck init`: the sources to choose from, and the questions of each chosen one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType

from engine.common.errors import UsageError
from engine.common.paths import tilde
from engine.common.text import clean
from tui.init.draft import Draft, SourceAnswers
from tui.init.questions import Asked, written
from tui.screens import layout
from tui.screens.base import BaseScreen
from tui.screens.frame import Frame
from tui.screens.init import form_rows
from tui.screens.init.form_rows import FormLine, entry, facts_of, title
from tui.screens.init.review import Review
from tui.screens.prompts import Line, Prompt, Question
from tui.widgets import header
from tui.widgets.area import Area
from tui.widgets.rows import Ground, Row, Span, Tone, row

LONGEST: Final = 4096
"""The most characters of a token; the cookies and signed tokens of some APIs are long."""


class SecretPrompt(Prompt):
    """Asks for a token. Typed characters are shown as asterisks."""

    def __init__(self, label: str, *, done: Callable[[str], None]) -> None:
        super().__init__(label, done=done)
        self.line = Line(longest=LONGEST)

    def row(self, width: int) -> Row:
        marks = "*" * min(len(self.line.text), max(0, width - len(self.label) - 12))
        many = f" {len(self.line.text)}" if self.line.text else ""
        spans = [Span(f" {self.label}", Tone.ACCENT), Span(marks), Span("▏", Tone.ACCENT), Span(many, Tone.DIM)]
        return row(spans, width, Ground.BAR)


@dataclass(frozen=True, slots=True)
class Addresses:
    """What to do with a pasted address."""

    shown: Callable[[str], str]
    """Returns the address without a secret; "" for a text that is none."""
    take: Callable[[str], None]
    """Leaves the form to ask the address."""


class Form(BaseScreen, inherit_bindings=False):
    """Asks all questions on one page. Nothing is written before the review has shown it."""

    PANELS: ClassVar[tuple[str, ...]] = ("heading", "cards", "details", "footer")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "change", id="init.change", tooltip="choose, or type an answer"),
        Binding("space", "choose", "choose", id="init.choose", tooltip="choose the source, or not"),
        Binding("w", "write", "write", id="init.write", tooltip="see the file, then write it"),
        Binding("j,down", "move(1)", "move", id="move.down", tooltip="next line"),
        Binding("k,up", "move(-1)", "move", id="move.up", tooltip="previous line"),
        Binding("g,home", "move(-9999)", id="move.top", tooltip="first line"),
        Binding("G,end", "move(9999)", id="move.bottom", tooltip="last line"),
        Binding("q", "leave", "quit", id="app.quit", tooltip="leave without writing"),
    ]

    def __init__(
        self, frame: Frame, draft: Draft, *, keyring: str, done: Callable[[], None], addresses: Addresses | None = None
    ) -> None:
        """Build the form.

        Args:
            frame: the frame of every screen.
            draft: the answers so far.
            keyring: the name of the available keyring, "" for none.
            done: writes the file and leaves.
            addresses: what to do with the address of an API that is pasted; None to ignore it.
        """
        super().__init__(frame)
        self._addresses = addresses
        self._draft, self._keyring, self._done = draft, keyring, done
        self._problems: dict[str, str] = {}
        self._message = ""
        self.cursor = 1

    @property
    def lines(self) -> Sequence[FormLine]:
        """The lines of the form, which depend on the chosen sources."""
        found = [FormLine()]
        for part in self._draft.parts:
            found.append(FormLine(part))
            if part.wanted:
                found += [FormLine(part, each) for each in part.asked]
                found += [FormLine(part, token=True)] if part.auth is not None else []
        return found

    @property
    def line(self) -> FormLine:
        """The line under the cursor."""
        return self.lines[min(self.cursor, len(self.lines) - 1)]

    def areas(self, width: int, height: int) -> layout.Areas:
        if height < 4:
            return {"cards": Area(0, 0, width, height)}
        below = 0 if height < 12 else min(7, height // 3)
        found = {
            "heading": Area(0, 0, width, 1),
            "cards": Area(0, 1, width, height - 2 - below),
            "footer": Area(0, height - 1, width, 1),
        }
        return found | ({"details": Area(0, height - 1 - below, width, below)} if below else {})

    def paint(self, name: str, width: int, height: int) -> Sequence[Row]:
        match name:
            case "heading":
                return [header.trail([Span("set up", Tone.TEXT)], width, tilde(self._draft.file))]
            case "cards":
                return form_rows.listed([self._row(line) for line in self.lines], self.cursor, width, height)
            case "details":
                problems = [form_rows.Fact("problem", self._message, Tone.BAD)] if self._message else []
                known = facts_of(self.line, self._draft, self._problem(self.line.part), self._keyring)
                return form_rows.details(title(self.line), [*problems, *known], width, height)
            case _:
                return self.footer(width, self._message)

    def on_paste(self, event: events.Paste) -> None:
        """Offer to propose a source for a pasted address. The paste itself does nothing but ask."""
        shown = self._addresses.shown(event.text) if self._addresses is not None and self.prompt is None else ""
        if not shown or self._addresses is None:
            super().on_paste(event)
            return
        event.stop()
        take, text = self._addresses.take, event.text
        lost = "; answers here are lost" if self._draft.changes() else ""
        self.ask(Question(f"leave the form, and ask {clean(shown, 60)} once for a source{lost}?", lambda: take(text)))

    def action_move(self, step: int) -> None:
        self.cursor = min(max(0, self.cursor + step), len(self.lines) - 1)
        self._show("")

    def action_choose(self) -> None:
        """Choose or drop the source that the cursor is in."""
        part = self.line.part
        if part is None:
            return
        if part.exists:
            self._show(f"{part.name} is in your file already; only you take it out")
            return
        part.wanted = not part.wanted
        self.cursor = next(at for at, line in enumerate(self.lines) if line.part is part)
        self._check(part)
        self._show("")

    def action_change(self) -> None:
        """Edit the line under the cursor."""
        line = self.line
        if line.part is None:
            self.ask(Prompt("database: ", text=self._draft.database_shown, done=self._take_database))
        elif line.token:
            self._ask_token(line.part)
        elif line.asked is not None:
            self._ask(line.part, line.asked)
        elif line.part.wanted:
            self.action_move(1)
        else:
            self.action_choose()
            self.action_move(1)

    def action_write(self) -> None:
        """Check the chosen sources and show the file that would be written."""
        chosen = [part for part in self._draft.parts if part.wanted]
        if not chosen:
            self._show("choose a source first: space on its line")
            return
        for part in chosen:
            self._check(part)
            if self._problems[part.name]:
                self.cursor = next(at for at, line in enumerate(self.lines) if line.part is part)
                self._show(f"{part.name} cannot run yet: {self._problems[part.name]}")
                return
        try:
            made = self._draft.result()
        except UsageError as error:
            self._show(str(error))
            return
        title = tilde(self._draft.file)
        self.app.push_screen(Review(self.shown, title=title, before=self._draft.text, after=made, done=self._done))

    def action_leave(self) -> None:
        """Leave; after changes, ask first."""
        if self._draft.changes():
            self.ask(Question("leave without writing?", lambda: self.app.exit(0)))
        else:
            self.app.exit(0)

    def _ask(self, part: SourceAnswers, asked: Asked) -> None:
        value = part.value(asked.question.key)
        if isinstance(value, bool) or (value is None and asked.hint is bool):
            # Each source defines what an unset switch means; the first press sets the opposite.
            now = value if value is not None else asked.question.unset == "yes"
            self._take(part, asked, "no" if now else "yes")
            return
        self._open(part, asked, "" if value is None else written(value))

    def _open(self, part: SourceAnswers, asked: Asked, text: str) -> None:
        self.ask(Prompt(f"{asked.question.ask}: ", text=text, done=lambda text: self._take(part, asked, text)))

    def _take(self, part: SourceAnswers, asked: Asked, text: str) -> None:
        try:
            self._draft.answer(part, asked, text)
        except ValueError as error:
            self._show(f"{asked.question.ask}: {error}")
            self._open(part, asked, text)  # keeps the typed text, so that it can be corrected
            return
        self._check(part)
        self.action_move(0 if asked.hint is bool else 1)

    def _take_database(self, text: str) -> None:
        if text.strip():
            self._draft.database = text.strip()
        self.action_move(1)

    def _ask_token(self, part: SourceAnswers) -> None:
        if self._keyring:
            self.ask(SecretPrompt("token (not shown): ", done=lambda text: self._take_token(part, text)))
        else:
            self.ask(Prompt("token_file: ", text=part.token_file, done=lambda text: self._take_file(part, text)))

    def _take_token(self, part: SourceAnswers, text: str) -> None:
        try:
            part.take_token(text)
        except UsageError as error:
            self._show(str(error))
            return
        self._check(part)
        self.action_move(1)

    def _take_file(self, part: SourceAnswers, text: str) -> None:
        part.token_file = text.strip()
        self._check(part)
        self.action_move(1)

    def _check(self, part: SourceAnswers) -> None:
        self._problems[part.name] = self._draft.problem(part)

    def _show(self, text: str) -> None:
        self._message = text
        self.redraw()

    def _row(self, line: FormLine) -> form_rows.Entry:
        """Return the entry of a line. A source that was just chosen is checked first."""
        if line.part is not None and line.part.wanted and line.part.name not in self._problems:
            self._check(line.part)
        return entry(line, self._draft, self._problem(line.part))

    def _problem(self, part: SourceAnswers | None) -> str:
        return self._problems.get(part.name, "") if part is not None and part.wanted else ""

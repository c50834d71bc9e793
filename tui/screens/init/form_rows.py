"""Rendering of the form: one row for each line, and the details of the line under the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.common.text import clean
from engine.model.source import Auth
from tui.init.draft import Draft, SourceAnswers
from tui.init.questions import Asked, written
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, row, wrap
from tui.widgets.rules import rule

_NAME = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the form."""

    name: str
    text: str
    tone: Tone
    depth: int = 0
    box: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A labelled detail."""

    label: str
    text: str
    tone: Tone = Tone.TEXT


def listed(entries: Sequence[Entry], cursor: int, width: int, height: int) -> list[Row]:
    """Draw the entries, scrolled so that the cursor is visible."""
    first = max(0, min(cursor - height // 2, len(entries) - height))
    drawn = [_entry(one, width, at_cursor=at == cursor) for at, one in enumerate(entries[first:], first)]
    return fill(drawn, width, height)


def details(title: str, facts: Sequence[Fact], width: int, height: int) -> list[Row]:
    lines = [rule([Span(title, Tone.TITLE)], width)]
    for fact in facts:
        for number, line in enumerate(wrap(clean(fact.text, 600), max(1, min(width - 12, 110)))):
            label = fact.label if number == 0 else ""
            lines.append(row([Span(f" {label:<9} ", Tone.DIM), Span(line, fact.tone)], width))
    return fill(lines, width, height)


def _entry(entry: Entry, width: int, *, at_cursor: bool) -> Row:
    box = f"[{entry.box}] " if entry.box else "    " + "  " * entry.depth
    spans = [
        Span("▸" if at_cursor else " ", Tone.ACCENT),
        Span(box, Tone.GOOD if entry.box == "x" else Tone.DIM),
        Span(fit(entry.name, _NAME) + " ", Tone.TITLE if at_cursor else Tone.TEXT),
        Span(clean(entry.text, 300), entry.tone),
    ]
    return row(spans, width, Ground.CURSOR if at_cursor else Ground.BASE)


@dataclass(frozen=True, slots=True)
class FormLine:
    """A line of the form: the database (no part), a source, one of its questions, or its token."""

    part: SourceAnswers | None = None
    asked: Asked | None = None
    token: bool = False


def entry(line: FormLine, draft: Draft, problem: str) -> Entry:
    """Return the row of a line."""
    part = line.part
    if part is None:
        return Entry("database", draft.database_shown, Tone.TEXT)
    if line.asked is not None:
        value = part.value(line.asked.question.key)
        shown = line.asked.question.unset if value is None else written(value)
        return Entry(line.asked.question.ask, shown, Tone.DIM if value is None else Tone.GOOD, depth=1)
    if line.token:
        return Entry("token", draft.access(part), Tone.TEXT, depth=1)
    text, tone = (problem, Tone.WARN) if problem else (part.summary, Tone.DIM)
    return Entry(part.name, text, tone, box="x" if part.wanted else " ")


def title(line: FormLine) -> str:
    """Return the title of a line's details."""
    if line.part is None:
        return "database"
    inside = line.asked.question.ask if line.asked else "token" if line.token else ""
    return f"{line.part.name} {inside}".rstrip()


def facts_of(line: FormLine, draft: Draft, problem: str, keyring: str) -> Sequence[Fact]:
    """Return the details of a line. `keyring` names the available keyring, "" for none."""
    if line.part is None:
        return [Fact("what", "the SQLite file that rows go into; --db names another one for once")]
    if line.asked is not None:
        return [Fact("what", line.asked.question.help), Fact("left out", line.asked.question.unset)]
    if line.token and line.part.auth is not None:
        return [Fact("token", draft.access(line.part)), *_token(line.part.auth, keyring)]
    missing = [Fact("missing", problem, Tone.WARN)] if problem else []
    return [*missing, Fact("what", line.part.summary)]


def _token(auth: Auth, keyring: str) -> list[Fact]:
    """Return how a token can be given, and what it is needed for."""
    if keyring:
        how = f"enter types one for the keyring ({keyring}); or set {auth.env[0]}"
    else:
        how = f"there is no keyring here: set {auth.env[0]}, or enter names a file that has it (chmod 600)"
    why = [Fact("why", auth.hint)] if auth.hint else []
    return [Fact("how", how), *why]

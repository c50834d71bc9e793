"""Rendering of the triage: the kinds of error, the failed requests of one kind, and one request."""

from collections.abc import Collection, Sequence
from datetime import tzinfo
from typing import Final

from engine.model.snapshot import Attempt, FailedDetail, FailedRequest, Failure
from tui.common.times import timestamp
from tui.screens.triage.error_table import TREND, trend
from tui.widgets.numbers import count, duration
from tui.widgets.rows import Ground, Row, Span, Tone, fill, fit, right, row, wrap
from tui.widgets.rules import rule

KIND_HEIGHT: Final = 7
_LABEL: Final = 11


def kinds(
    found: Sequence[Failure], muted: Collection[str], width: int, height: int, now: float, cursor: int
) -> list[Row]:
    """Draw a heading and one line for each kind of error, with the cursor in view."""
    if not found:
        return fill([row([Span(" no request failed for good", Tone.DIM)], width)], width, height)
    trended = width >= 78
    names = ["  COUNT", right("LAST", 6), "  ", fit("SOURCE", 11), fit("KIND", 13)]
    heading = row(
        [Span("".join(names) + (fit("LAST HOUR", TREND + 1) if trended else "") + "MESSAGE", Tone.DIM)], width
    )
    drawn = [
        row(
            [
                Span("▸" if at == cursor else " ", Tone.ACCENT),
                Span(right(count(one.count), 6), Tone.DIM if one.fingerprint in muted else Tone.BAD),
                Span(right(duration(now - one.last), 6), Tone.DIM),
                Span("  " + fit(one.source, 10) + " ", Tone.ACCENT),
                Span(fit(one.kind, 12) + " ", Tone.WARN),
                Span(trend(one, now) + " " if trended else "", Tone.SPARK),
                Span("muted: " if one.fingerprint in muted else "", Tone.DIM),
                Span(one.message),
            ],
            width,
            Ground.CURSOR if at == cursor else Ground.BASE,
        )
        for at, one in enumerate(found)
    ]
    return fill([heading, *_around(drawn, cursor, height - 1)], width, height)


def kind(one: Failure | None, width: int, height: int, now: float, zone: tzinfo | None) -> list[Row]:
    if one is None:
        return fill([rule((), width)], width, height)
    seen = f"first {timestamp(one.first, zone)}, last {timestamp(one.last, zone)}, {duration(now - one.last)} ago"
    facts = [("count", f"{one.count:,} requests; {seen}"), ("message", one.message), ("sample", one.sample)]
    parts = [Span(one.source, Tone.ACCENT), Span(one.kind, Tone.WARN)]
    return fill(
        [rule(parts, width), *(_fact(name, text, width) for name, text in wrapped(facts, width))], width, height
    )


NONE_LEFT: Final = " none of them is failed any more: they were queued again, or the filter hides them"


def requests(
    found: Sequence[FailedRequest], width: int, height: int, now: float, cursor: int, empty: str = NONE_LEFT
) -> list[Row]:
    """Draw a heading and one line for each failed request, with the cursor in view; `empty` is shown if none."""
    if not found:
        return fill([row([Span(empty, Tone.DIM)], width)], width, height)
    room = width - 24 if width < 100 else (width - 24) * 3 // 5
    heading = row([Span(" " + right("AGO", 6) + "  STATUS TRIES ", Tone.DIM), Span("REQUEST", Tone.DIM)], width)
    drawn = [
        row(
            [
                Span("▸" if at == cursor else " ", Tone.ACCENT),
                Span(right(duration(now - one.at), 6), Tone.DIM),
                Span("  " + fit("none" if one.status is None else str(one.status), 7), Tone.WARN),
                Span(fit(str(one.attempts), 6), Tone.DIM),
                Span(fit(one.what, room) + "  "),
                Span(one.reason if width >= 100 else "", Tone.DIM),
            ],
            width,
            Ground.CURSOR if at == cursor else Ground.BASE,
        )
        for at, one in enumerate(found)
    ]
    return fill([heading, *_around(drawn, cursor, height - 1)], width, height)


def facts(detail: FailedDetail, zone: tzinfo | None) -> list[tuple[str, str]]:
    """Return the facts about a failed request, as name and text."""
    request = detail.request
    status = "no answer arrived" if request.status is None else str(request.status)
    refused = f", refused {detail.refused:,} times for its rate besides" if detail.refused else ""
    found = [
        ("request", request.what),
        ("address", detail.address),
        ("status", status),
        ("reason", request.reason),
        ("attempts", f"{request.attempts:,}{refused}"),
        *(("tried", tried(one, zone)) for one in request.history),
        ("given up", timestamp(request.at, zone)),
        ("curl", detail.curl or "it is no HTTP request"),
    ]
    if request.aside:
        found.insert(0, ("quarantine", "no run tries it until it is released"))
    if request.head:
        found += [("head", request.head[0]), *(("", line) for line in request.head[1:])]
    else:
        found.append(("head", "not kept" if request.status is not None else "no answer arrived"))
    if detail.body_size is None:
        return [*found, ("body", "not kept: it was not the reason")]
    first = ("body", f"{detail.body_size:,} bytes kept; control characters are shown as marks")
    return [*found, first, *(("", line) for line in detail.body)]


def tried(one: Attempt, zone: tzinfo | None) -> str:
    """Return a failed attempt in words: its time, its outcome and the reason."""
    status = "" if one.status is None or one.reason.startswith(str(one.status)) else f", {one.status}"
    return f"{timestamp(one.at, zone)} {_outcome(one)}{status}: {one.reason}"


def _outcome(one: Attempt) -> str:
    again = f"sent again after {duration(one.wait)}" if one.wait else "sent again at once"
    match one.outcome:
        case "retry":
            return again
        case "throttled":
            return f"throttled, {again}"
        case "renewed":
            return f"new credential, {again}"
        case "failed":
            return "given up"
        case _:
            return "the source stopped"


def wrapped(facts: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """Break facts into lines that fit."""
    room = max(8, width - _LABEL - 1)
    lines = [(name, number, line) for name, text in facts for number, line in enumerate(_cut(name, text, room))]
    return [(name if number == 0 else "", line) for name, number, line in lines]


def page(facts: Sequence[tuple[str, str]], width: int, height: int, cursor: int) -> list[Row]:
    """Draw facts, with the line under the cursor in view."""
    lines = [_fact(name, text, width, chosen=at == cursor) for at, (name, text) in enumerate(wrapped(facts, width))]
    return fill(_around(lines, cursor, height), width, height)


def whole(request: FailedRequest) -> str:
    """Return a failed request in full, for the clipboard."""
    return (
        f"{request.source} {request.status or 'no answer'} {request.what}: {request.reason} ({request.attempts} tries)"
    )


def _cut(name: str, text: str, room: int) -> list[str]:
    """Break a sentence between words; a line of a body keeps its spaces."""
    if name:
        return wrap(text, room) or [""]
    return [text[at : at + room] for at in range(0, len(text), room)] or [""]


def _fact(name: str, text: str, width: int, *, chosen: bool = False) -> Row:
    spans = [Span(" " + fit(name, _LABEL - 1), Tone.DIM), Span(text)]
    return row(spans, width, Ground.CURSOR if chosen else Ground.BASE)


def _around(rows: Sequence[Row], cursor: int, height: int) -> Sequence[Row]:
    return rows[max(0, min(cursor - height // 2, len(rows) - height)) :]

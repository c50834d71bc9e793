"""Writes a proposal as TOML with comments.

tomlkit writes keys and values; comments are written here, because every line carries its own. The result is read again
and compared, so that no text of an API can become a key.
"""

import tomllib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import tomlkit

from engine.common.text import clean
from sources.rest.proposal.proposal import Key, Line, Proposal

_WIDEST: Final = 120
GUESS: Final = "guess"


def to_toml(proposal: Proposal) -> str:
    """Return the table of a source, with its endpoints, as TOML.

    Raises:
        ValueError: what was written does not read as what was proposed.
    """
    text = "\n".join(_lines(proposal)) + "\n"
    if tomllib.loads(text) != {"sources": {proposal.name: proposal.table()}}:
        raise ValueError(f"the proposal of {proposal.name} cannot be written")
    return text


def _lines(proposal: Proposal) -> Iterator[str]:
    if proposal.about:
        yield f"# {clean(proposal.about)}"
    here = ("sources", proposal.name)
    yield f"[{_dotted(here)}]"
    yield 'kind = "rest"'
    yield from _tables(here, proposal.lines, skip_first=True)
    for endpoint in proposal.endpoints:
        yield ""
        if endpoint.about:
            yield f"# {clean(endpoint.about, _WIDEST - 2)}"
        yield from _tables(here, endpoint.lines)


def _tables(above: Key, lines: Sequence[Line], *, skip_first: bool = False) -> Iterator[str]:
    """Yield lines under the headers of their tables. Lines of one table stand together."""
    ordered = sorted(
        lines, key=lambda line: len(line.key)
    )  # keys of a table before the tables below it; the sort is stable
    for number, (table, group) in enumerate(groupby(ordered, key=lambda line: line.key[:-1])):
        if table or not skip_first:
            if number:
                yield ""
            yield f"[{_dotted((*above, *table))}]"
        for line in group:
            yield _line(line)


def _line(line: Line) -> str:
    comment = clean(line.comment, 300)
    if line.guess:
        comment = f"{GUESS}: {comment}" if comment else GUESS
    written = f"{_dotted(line.key[-1:])} = {inline(line.value)}"
    if line.unused:
        written = f"# {written}"
    if not comment:
        return written
    beside = f"{written}  # {comment}"
    return beside if len(beside) <= _WIDEST else f"# {comment}\n{written}"


def inline(value: Any) -> str:
    """Return a value as TOML on one line."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_dotted((key,))} = {inline(inner)}' for key, inner in value.items())} }}"
    return str(tomlkit.item(value).as_string())


def _dotted(key: Key) -> str:
    return tomlkit.key(key).as_string()

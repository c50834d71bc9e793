"""Parses the part of GraphQL that the simulator needs: one query, its fragments, values and directives.

https://spec.graphql.org/October2021/. Why not graphql-core: docs/decisions/0020-the-simulators-own-graphql.md.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_TOKEN = re.compile(
    r"(?P<skip>[\s,\ufeff]+|\#[^\n]*)|(?P<word>[A-Za-z_]\w*)|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<sign>\.\.\.|[!$&()\[\]{}:=@|])'
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


class SyntaxRefused(ValueError):
    """The query is not GraphQL, or uses what this parser lacks."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, whose value comes with the query."""

    name: str


@dataclass(frozen=True, slots=True)
class Directive:
    """@include or @skip."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A selected field."""

    name: str
    alias: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    directives: tuple[Directive, ...] = ()
    selections: "tuple[Selection, ...]" = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """A fragment by name, or an inline fragment with a type condition (`on`)."""

    name: str = ""
    on: str = ""
    directives: tuple[Directive, ...] = ()
    selections: "tuple[Selection, ...]" = ()


Selection = Field | Spread


@dataclass(frozen=True, slots=True)
class Document:
    """A query and the fragments it uses."""

    selections: tuple[Selection, ...]
    defaults: Mapping[str, Any]
    """Default values of variables."""
    fragments: Mapping[str, Spread]


def parse(text: str) -> Document:
    """Parse a query.

    Raises:
        SyntaxRefused: the text is no query.
    """
    return _Reader(text).document()


class _Reader:
    """A recursive-descent parser over the tokens of one query."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0

    def document(self) -> Document:
        selections: tuple[Selection, ...] = ()
        defaults: dict[str, Any] = {}
        fragments: dict[str, Spread] = {}
        while self._peek():
            if self._take_if("fragment"):
                name = self._word()
                self._expect("on")
                fragments[name] = Spread(on=self._word(), selections=self._selections())
                continue
            if self._take_if("query"):
                if self._peek() not in {"(", "{"}:
                    self._word()
                defaults = self._variables()
            selections = self._selections()
        if not selections:
            raise SyntaxRefused("A query attribute must be specified and must be a string.")
        return Document(selections, defaults, fragments)

    def _variables(self) -> dict[str, Any]:
        defaults: dict[str, Any] = {}
        if not self._take_if("("):
            return defaults
        while not self._take_if(")"):
            self._expect("$")
            name = self._word()
            self._expect(":")
            while self._peek() in {"[", "]", "!"} or self._is_word():
                self._next()
            if self._take_if("="):
                defaults[name] = self._value()
        return defaults

    def _selections(self) -> tuple[Selection, ...]:
        self._expect("{")
        found: list[Selection] = []
        while not self._take_if("}"):
            found.append(self._spread() if self._take_if("...") else self._field())
        return tuple(found)

    def _spread(self) -> Spread:
        if self._take_if("on"):
            return Spread(on=self._word(), directives=self._directives(), selections=self._selections())
        if self._peek() in {"{", "@"}:
            return Spread(directives=self._directives(), selections=self._selections())
        return Spread(name=self._word(), directives=self._directives())

    def _field(self) -> Field:
        alias = name = self._word()
        if self._take_if(":"):
            name = self._word()
        arguments, directives = self._arguments(), self._directives()
        selections = self._selections() if self._peek() == "{" else ()
        return Field(name, alias, arguments, directives, selections)

    def _arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self._take_if("("):
            while not self._take_if(")"):
                name = self._word()
                self._expect(":")
                found[name] = self._value()
        return found

    def _directives(self) -> tuple[Directive, ...]:
        found = []
        while self._take_if("@"):
            found.append(Directive(self._word(), self._arguments()))
        return tuple(found)

    def _value(self) -> Any:
        word = self._next()
        if word == "$":
            return Variable(self._word())
        if word == "[":
            return self._list()
        if word == "{":
            return self._object()
        if word[0] == '"':
            return _ESCAPE.sub(_unescape, word[1:-1])
        if word[0] in "-0123456789":
            return int(word) if word.lstrip("-").isdigit() else float(word)
        return {"true": True, "false": False, "null": None}.get(word, word)

    def _list(self) -> list[Any]:
        found = []
        while not self._take_if("]"):
            found.append(self._value())
        return found

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._take_if("}"):
            name = self._word()
            self._expect(":")
            found[name] = self._value()
        return found

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise SyntaxRefused("Expected more, but the query ends")
        self._at += 1
        return token

    def _take_if(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    def _expect(self, token: str) -> None:
        if not self._take_if(token):
            raise SyntaxRefused(f'Expected "{token}", actual: "{self._peek()}"')

    def _is_word(self) -> bool:
        return self._peek()[:1].isalpha() or self._peek()[:1] == "_"

    def _word(self) -> str:
        if not self._is_word():
            raise SyntaxRefused(f'Expected a name, actual: "{self._peek()}"')
        return self._next()


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise SyntaxRefused(f'Unexpected character "{text[at]}"')
        if match.lastgroup != "skip":
            yield match[0]
        at = match.end()


def _unescape(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2])

"""A configuration proposed from an OpenAPI document: its lists, their parents, keys, columns and paging."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Final

from engine.common.text import clean, counted
from sources.rest.json_paths import find
from sources.rest.proposal.columns import ProposedColumn, by_likelihood, named_columns
from sources.rest.proposal.increment import PARAMS as SINCE_PARAMS
from sources.rest.proposal.increment import changed_columns
from sources.rest.proposal.names import distinct, singular, snake
from sources.rest.proposal.openapi.access import access_lines, address_line, limit_lines
from sources.rest.proposal.openapi.document import Document
from sources.rest.proposal.openapi.operations import Operation, operations, told_in
from sources.rest.proposal.openapi.paging import PARAMS as PAGE_PARAMS
from sources.rest.proposal.openapi.paging import paging_lines
from sources.rest.proposal.openapi.parents import ListOperation, Parents, Resolved, fill, with_example
from sources.rest.proposal.openapi.schemas import ListSchema, Schemas
from sources.rest.proposal.proposal import Line, Proposal, ProposedEndpoint

_PATH: Final = re.compile(r"^/[^\s?#*]*\Z")
"""Paths that can be asked for. "*name" is how some frameworks write a rest of any length, which no list has."""
_JSON: Final = "application/json"
_MEDIA_TYPE: Final = re.compile(r"^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(; ?[A-Za-z0-9.=+-]+)?\Z")
_MOST_TYPES: Final = 5
_WEAK: Final = frozenset({"name", "title", "email", "date", "timestamp", "number", "link", "code", "username"})
"""Members that may be the same in two items, so that they are no key that is not seen to differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A list that can be chosen."""

    name: str
    path: str
    summary: str
    missing: tuple[str, ...]
    """Parameters without which it cannot be asked for, and that nothing gives."""

    def matches(self, wanted: str) -> bool:
        """Say whether a name, a path or a pattern such as "issue*" means it."""
        return wanted in {self.name, self.path} or fnmatchcase(self.name, wanted) or fnmatchcase(self.path, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A list operation with all that is known of it."""

    list: ListOperation
    schema: ListSchema
    resolved: Resolved
    asked: Mapping[str, Any]
    """Values of the query parameters that it needs."""
    missing: tuple[str, ...]

    @property
    def path(self) -> str:
        return self.list.operation.path


class OpenApi:
    """The lists of a document, and proposals of them."""

    def __init__(self, document: Document, values: Mapping[str, Any] | None = None) -> None:
        """Prepare.

        Args:
            document: the document.
            values: values of parameters that the person gave, by name.
        """
        self._document = document
        self._schemas = Schemas(document)
        self._values = values or {}

    @cached_property
    def _lists(self) -> Mapping[str, _Found]:
        described = {one.path: schema for one in self._operations if (schema := self._list(one)) is not None}
        names = _table_names([one for one in self._operations if one.path in described])
        lists = {
            one.path: self._known(one, described[one.path], names[one.path])
            for one in self._operations
            if one.path in described
        }
        parents = Parents(lists, self._values)
        return {path: self._found(one, described[path], parents.resolve(one.operation)) for path, one in lists.items()}

    @cached_property
    def _operations(self) -> Sequence[Operation]:
        return [one for one in operations(self._document) if _PATH.match(one.path) and not one.deprecated]

    def choices(self) -> Sequence[Choice]:
        """Return every list of the document, in its order."""
        return [
            Choice(name=one.list.table, path=path, summary=clean(one.list.operation.summary, 100), missing=one.missing)
            for path, one in self._lists.items()
        ]

    def propose(self, chosen: Sequence[str], *, name: str, base_url: str, env: str) -> Proposal:
        """Propose a source with the lists at some paths, and the parents that they need.

        Lists that cannot be asked for are left out, and a note says what they need.
        """
        wanted: dict[str, _Found] = {}
        missing: dict[str, list[str]] = {}
        for path in chosen:
            one = self._lists[path]
            for parameter in one.missing:
                missing.setdefault(parameter, []).append(one.list.table)
            for each in [] if one.missing else reversed(list(self._upwards(one))):
                wanted.setdefault(each.path, each)
        return Proposal(
            name=name,
            about=f"Proposed from an OpenAPI document: {clean(self._title, 100)}",
            lines=[
                address_line(self._document, base_url),
                *access_lines(self._document, env),
                *limit_lines(self._document),
                *_accept(one.list.operation.media_type for one in wanted.values()),
            ],
            endpoints=[self._endpoint(one) for one in wanted.values()],
            notes=[_needs(parameter, tables) for parameter, tables in missing.items()],
        )

    @property
    def _title(self) -> str:
        return str(self._document.resolve(self._document.content.get("info")).get("title") or "without a title")

    def _list(self, operation: Operation) -> ListSchema | None:
        """Return the list that an operation answers with; None where it answers with something else."""
        if operation.schema is None:
            return None
        word = operation.steps[-1] if operation.steps else ""
        found = self._schemas.find_list(operation.schema, word)
        if found is not None:
            return found
        paged = [one.name for one in operation.query() if one.name in PAGE_PARAMS]
        is_detail = operation.path.endswith("}")
        if self._schemas.kind(operation.schema) == "object" and "page" in paged and not is_detail:
            why = "the document says one object, and there are pages of it"
            return ListSchema(path="$", item=operation.schema, sure=False, why=why)
        return None

    def _known(self, operation: Operation, schema: ListSchema, table: str) -> ListOperation:
        columns = named_columns(self._schemas.leaves(schema.item))
        required = self._schemas.required(schema.item)
        likely = [one for one in by_likelihood(columns, table) if one.path not in _WEAK]
        key = next((one for one in likely if one.path in required), None) or next(iter(likely), None)
        if columns and columns[0].path == "$":
            columns = [ProposedColumn(name="id", path="$", type=columns[0].type)]
            key = columns[0]
        paths = self._schemas.scalars(schema.item)
        return ListOperation(operation=operation, table=table, columns=columns, key=key, paths=paths)

    def _found(self, one: ListOperation, schema: ListSchema, resolved: Resolved) -> _Found:
        asked: dict[str, Any] = {}
        missing = list(resolved.missing)
        for parameter in one.operation.query():
            if parameter.name in PAGE_PARAMS:
                continue
            given = self._values.get(parameter.name)
            value = given
            if given is None and parameter.required:
                value = with_example(parameter) or told_in(one.operation.text, parameter.name) or None
            if value is not None:
                asked[parameter.name] = value
            elif parameter.required:
                missing.append(parameter.name)
        return _Found(list=one, schema=schema, resolved=resolved, asked=asked, missing=tuple(missing))

    def _upwards(self, one: _Found) -> Iterator[_Found]:
        seen: set[str] = set()
        here: _Found | None = one
        while here is not None and here.path not in seen:
            seen.add(here.path)
            yield here
            here = self._lists.get(here.resolved.parent or "")

    def _endpoint(self, one: _Found) -> ProposedEndpoint:
        operation, table, places = one.list.operation, one.list.table, one.resolved.places
        at = ("endpoints", table)
        lines = [Line(key=(*at, "path"), value=fill(operation.path, places))]
        parent = self._lists.get(one.resolved.parent or "")
        if parent is not None:
            said = ", ".join(
                f"{name} is {place.strip('{}')}" for name, place in places.items() if place.startswith("{")
            )
            lines.append(Line(key=(*at, "parent"), value=parent.list.table, comment=said, guess=True))
        if one.resolved.values:
            values = one.resolved.values
            told = "the list in each item of the parent" if isinstance(values, str) else "what the document allows"
            lines.append(Line(key=(*at, "values"), value=values, comment=told, guess=isinstance(values, str)))
        for name, value in one.asked.items():
            told = "as you said" if name in self._values else "required; an example of the document: put in your own"
            lines.append(Line(key=(*at, "params", name), value=value, comment=told, guess=name not in self._values))
        comment = "" if one.schema.sure else one.schema.why
        lines.append(Line(key=(*at, "items"), value=one.schema.path, comment=comment, guess=not one.schema.sure))
        columns, key = self._columns(one, parent)
        lines.append(_key_line((*at, "key"), key, one.list.key))
        lines += self._increment(at, one)
        sample = self._schemas.sample(operation.schema)
        found = find(sample, one.schema.path)
        lines += paging_lines(at, operation, sample, found if isinstance(found, list) else [sample])
        own = {column.name for column in one.list.columns}
        lines += [
            Line(
                key=(*at, "columns", column.name),
                value=column.said,
                comment=self._schemas.about(one.schema.item, column.path) if column.name in own else "",
            )
            for column in columns
        ]
        return ProposedEndpoint(name=table, lines=lines, about=operation.summary)

    def _columns(self, one: _Found, parent: _Found | None) -> tuple[list[ProposedColumn], list[str]]:
        """Return the columns and the key. A list below a parent has the parent's values in both.

        The same item may be in the lists of several parents, and an item's number may count within one.
        """
        columns = {column.name: column for column in one.list.columns}
        key = [one.list.key.name] if one.list.key else []
        if not any(place.startswith("{") for place in one.resolved.places.values()):
            return list(columns.values()), key
        made: list[ProposedColumn] = []
        for parameter, place in one.resolved.places.items():
            path = place[1:-1]
            if not place.startswith("{") or path in {column.path for column in made}:
                continue
            owner = parent if path.count("parent.") == 1 and path != "parent.slice" else None
            last = path.rpartition("parent.")[2]
            name = distinct(snake(f"{singular(owner.list.table)}_{last}" if owner else parameter), columns)
            kinds = {column.path: column.type for column in parent.list.columns} if owner and parent else {}
            columns[name] = ProposedColumn(name=name, path=path, type=kinds.get(last, "text"))
            made.append(columns[name])
        own = [column for column in columns.values() if column not in made]
        return [*made, *own], [*(column.name for column in made), *key] if key else []

    def _increment(self, at: tuple[str, ...], one: _Found) -> Iterator[Line]:
        changed = changed_columns(one.list.columns)
        asks = next((each for each in one.list.operation.query() if SINCE_PARAMS.match(each.name)), None)
        if asks is None or not changed:
            return
        told = f"{asks.name} {asks.text}".lower()
        sure = any(word in told for word in ("updat", "modif", "chang"))
        item = changed[0].path
        comment = f"{asks.name} asks for what changed later than a time, and {item} is one"
        if not sure:
            comment = f"{asks.name} may ask by {item}: see what the API says of it"
        value = {"param": asks.name, "item": item}
        yield Line(key=(*at, "since"), value=value, comment=comment, guess=True, unused=not sure)


def _accept(media_types: Iterable[str]) -> Iterator[Line]:
    """Propose the header Accept where a list comes in a media type of its own."""
    own = [one for one in dict.fromkeys(media_types) if _MEDIA_TYPE.match(one) and one != _JSON]
    if own:
        value = ", ".join([_JSON, *own[:_MOST_TYPES]])
        yield Line(key=("headers", "Accept"), value=value, comment="the media types of the document")


def _key_line(at: tuple[str, ...], key: Sequence[str], own: ProposedColumn | None) -> Line:
    if not key or own is None:
        comment = "nothing in the document identifies an item; without a key, equal items are one row"
        return Line(key=at, value=["id"], comment=comment, unused=True)
    return Line(key=at, value=list(key), comment=f"{own.path} is named like a key", guess=True)


def _needs(parameter: str, tables: Sequence[str]) -> str:
    shown = clean(", ".join(tables[:4]) + (f" and {len(tables) - 4} more" if len(tables) > 4 else ""), 160)
    verb = "needs" if len(tables) == 1 else "need"
    return f"{counted(len(tables), 'list')} left out, {shown} {verb} a value: add --param {clean(parameter, 40)}=VALUE"


def _table_names(found: Sequence[Operation]) -> dict[str, str]:
    """Name the tables: after the last word of the path, with the words before it where two are the same."""
    words = {one.path: [snake(step) for step in one.steps if "{" not in step] or ["items"] for one in found}
    made: dict[str, str] = {}
    taken: set[str] = set()
    for path in sorted(words, key=lambda each: ("search" in words[each], each.count("{"), len(words[each]))):
        own = words[path]
        options = [snake("_".join(own[-length:])) for length in range(1, len(own) + 1)]
        name = next((option for option in options if option not in taken), None) or distinct(options[-1], taken)
        taken.add(name)
        made[path] = name
    return made

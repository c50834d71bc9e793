"""Which list a path's parameters come from: `/projects/{id}/issues` is asked for each item of `/projects`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sources.rest.proposal.columns import ProposedColumn
from sources.rest.proposal.names import singular, snake, table_name
from sources.rest.proposal.openapi.operations import Operation, Parameter

_PLACE: Final = re.compile(r"\{([^{}]+)\}")
SLICE: Final = "{slice}"
"""The placeholder of an endpoint that is walked once for each of its values."""
_MOST_VALUES: Final = 100
_NAMING: Final = ("login", "username", "name", "key", "slug", "id", "code")
_ACCOUNTS: Final = frozenset(
    {"org", "organization", "org_name", "username", "user", "login", "user_name", "account", "owner"}
)
"""Parameters that name an account. What APIs call the owner of an item is one."""
_SUFFIX: Final = re.compile(r"(?:^|_)(id|iid|ids|number|sha|slug|name|key|uuid|code|login|username|ref|guid|path)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOperation:
    """An operation that answers with a list, and what is known of its items."""

    operation: Operation
    table: str
    columns: Sequence[ProposedColumn]
    key: ProposedColumn | None
    paths: Sequence[str] = ()
    """The scalars of an item, those of nested objects too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """Where the parameters of a path come from."""

    parent: str | None
    """The path of the parent's operation."""
    places: Mapping[str, str]
    """What stands for each parameter: a placeholder such as "{parent.id}", or a value."""
    values: Sequence[Any] | str = ()
    """The list that is walked for the placeholder "{slice}", or its path in the parent's item."""
    given: frozenset[str] = frozenset()
    """Parameters with a value that the document or the person gave."""
    missing: tuple[str, ...] = ()
    """Parameters that nothing gives."""


class Parents:
    """Finds the parent of each list."""

    def __init__(self, lists: Mapping[str, ListOperation], values: Mapping[str, Any]) -> None:
        """Prepare to resolve.

        Args:
            lists: every list of the document, by path.
            values: values of parameters that the person gave.
        """
        self._lists = {_plain(path): one for path, one in lists.items()}
        self._values = values
        self._known: dict[str, Resolved] = {}

    def resolve(self, operation: Operation) -> Resolved:
        """Say where the parameters of a path come from."""
        path = operation.path
        if path not in self._known:
            self._known[path] = Resolved(parent=None, places={}, missing=tuple(operation.places))  # ends a circle
            self._known[path] = self._resolve(operation)
        return self._known[path]

    def _resolve(self, operation: Operation) -> Resolved:
        places = operation.places
        given = {name: str(self._values[name]) for name in places if name in self._values}
        asked = [name for name in places if name not in given]
        if not asked:
            return Resolved(parent=None, places=given, given=frozenset(given))
        for parent, found in self._candidates(operation, asked, given):
            above = self.resolve(parent.operation)
            if not above.missing:
                return Resolved(
                    parent=parent.operation.path, places={**given, **found}, given=frozenset(given) | above.given
                )
        return self._sliced(operation, asked, given) or Resolved(
            parent=None, places=given, given=frozenset(given), missing=tuple(asked)
        )

    def _sliced(self, operation: Operation, asked: Sequence[str], given: Mapping[str, str]) -> Resolved | None:
        """Walk the values that the document allows for the only parameter, or a list in the parent's item."""
        choices = _choices(operation.parameter(asked[0], "path")) if len(asked) == 1 else []
        if choices:
            return Resolved(parent=None, places={**given, asked[0]: SLICE}, values=choices, given=frozenset(given))
        parent = self._collection(operation, asked[0])
        if parent is None or len(asked) < 2 or self.resolve(parent.operation).missing:
            return None
        last = snake(asked[-1])
        listed = next((one.path for one in parent.columns if snake(one.path) in {f"{last}s", f"{last}es"}), None)
        fields = {name: field(name, parent, strict=True) for name in asked[:-1]}
        if listed is None or not all(fields.values()):
            return None
        places = {**given, **{name: f"{{parent.{path}}}" for name, path in fields.items()}, asked[-1]: SLICE}
        return Resolved(parent=parent.operation.path, places=places, values=f"parent.{listed}", given=frozenset(given))

    def _candidates(
        self, operation: Operation, asked: Sequence[str], given: Mapping[str, str]
    ) -> Iterator[tuple[ListOperation, Mapping[str, str]]]:
        """Yield possible parents, the likeliest first, with what stands for the parameters."""
        collection = self._collection(operation, asked[-1])
        if collection is not None and collection.operation.path != operation.path:
            yield from self._below(collection, asked, given)
        words = self._words(operation, asked)
        others = [one for one in self._lists.values() if one.table in words and one.operation.path != operation.path]
        for one in sorted(others, key=lambda each: (len(each.operation.places), len(each.operation.path))):
            found = {name: field(name, one, strict=True) for name in asked}
            if all(found.values()):
                yield one, {name: f"{{parent.{path}}}" for name, path in found.items()}
        yield from self._beside(operation, asked, given)
        if len(asked) == 1 and snake(asked[0]) in _ACCOUNTS:
            yield from self._accounts(operation, asked[0])

    def _beside(
        self, operation: Operation, asked: Sequence[str], given: Mapping[str, str]
    ) -> Iterator[tuple[ListOperation, Mapping[str, str]]]:
        """Yield lists below the same item that name what the last parameter wants.

        `/shops/{id}/labels/{parcel_id}` is asked for the `parcel.id` of each item of `/shops/{id}/orders`. A name of
        one word (type, key, name) is too common to mean the same in two lists, except for a path.
        """
        word = snake(asked[-1])
        if len(asked) < 2 or not _SUFFIX.search(word) or ("_" not in word and word != "path"):
            return
        before = operation.path.partition(f"{{{asked[-2]}}}")[0] + f"{{{asked[-2]}}}/"
        near = [one for one in self._lists.values() if one.operation.path.startswith(before)]
        for one in sorted(near, key=lambda each: (len(each.operation.places), len(each.operation.path))):
            path = next((each for each in one.paths if snake(each) == word or snake(each).endswith(f"_{word}")), None)
            if word == "path" and path != word:
                continue
            above = self._lifted(one, asked[:-1], given) if path and one.operation.path != operation.path else None
            if above is not None:
                yield one, {**above, asked[-1]: f"{{parent.{path}}}"}

    def _accounts(self, operation: Operation, name: str) -> Iterator[tuple[ListOperation, Mapping[str, str]]]:
        """Yield lists whose items name an account: `/orgs/{org}/repos` is asked for each `owner.login`."""
        own = ("organization", "org") if snake(name).startswith("org") else ("user", "account", "author")
        wanted = [f"{holder}.{each}" for holder in (*own, "owner") for each in ("login", "username")]
        found = [(path, one) for one in self._lists.values() for path in wanted if path in one.paths]
        for path, one in sorted(
            found, key=lambda each: (len(each[1].operation.places), len(each[1].operation.path), wanted.index(each[0]))
        ):
            if one.operation.path != operation.path:
                yield one, {name: f"{{parent.{path}}}"}

    def _below(
        self, parent: ListOperation, asked: Sequence[str], given: Mapping[str, str]
    ) -> Iterator[tuple[ListOperation, Mapping[str, str]]]:
        """Yield the list that a path lies below: its last parameter names an item, the others are the list's own."""
        last = field(asked[-1], parent, strict=False)
        found = self._lifted(parent, asked[:-1], given) if last is not None else None
        if found is not None:
            yield parent, {**found, asked[-1]: f"{{parent.{last}}}"}

    def _lifted(
        self, parent: ListOperation, names: Sequence[str], given: Mapping[str, str]
    ) -> Mapping[str, str] | None:
        """Return what stands for parameters that a parent's path has too, as seen from below; None if it lacks one."""
        own = self.resolve(parent.operation)
        if own.missing:
            return None
        found: dict[str, str] = {}
        positions = dict(zip(names, [name for name in parent.operation.places if name not in given], strict=False))
        for name in names:
            place = own.places.get(positions.get(name, name))
            if place is None:
                return None
            found[name] = place.replace("{parent.", "{parent.parent.").replace(SLICE, "{parent.slice}")
        return found

    def _collection(self, operation: Operation, name: str) -> ListOperation | None:
        """Return the list before a parameter: `/projects` for `/projects/{id}/issues`."""
        before = operation.path.partition(f"{{{name}}}")[0]
        return self._lists.get(_plain(before)) if before.endswith("/") else None

    @staticmethod
    def _words(operation: Operation, asked: Sequence[str]) -> set[str]:
        """Return names that the parent's table may have: the word before the first parameter, and their plurals."""
        before = operation.path.partition(f"{{{asked[0]}}}")[0]
        words = {table_name(before)}
        for name in asked:
            word = snake(_SUFFIX.sub("", snake(name)) or name)
            words |= {f"{word}s", f"{word}es", f"{word.removesuffix('y')}ies"}
        return words


def field(name: str, parent: ListOperation, *, strict: bool) -> str | None:
    """Return the path in a parent's item that a parameter takes; None where none fits.

    `strict` wants a member that is named like the parameter; otherwise the item's key is the last resort.
    """
    paths = [column.path for column in parent.columns]
    word = snake(name)
    by_name = {snake(path): path for path in reversed(paths)}
    own = snake(singular(parent.table))
    if word in by_name:
        return by_name[word]
    suffix = _SUFFIX.search(word)
    stem = word[: suffix.start()] if suffix else word
    belongs = stem in {"", own} or own.endswith(f"_{stem}") or stem.endswith(f"_{own}") or not strict
    if suffix and belongs and suffix[1] in by_name:
        return by_name[suffix[1]]
    nested = next((f"{word}_{each}" for each in _NAMING if f"{word}_{each}" in by_name), None)
    if nested:
        return by_name[nested]
    if word == own or own.endswith(f"_{word}") or own.startswith(word):
        return next((by_name[each] for each in ("name", "slug", "key", "id") if each in by_name), None)
    if strict and not (suffix and belongs and suffix[1] in {"id", "uuid", "guid"}):
        return None
    return parent.key.path if parent.key else None


def fill(path: str, places: Mapping[str, str]) -> str:
    """Put placeholders and values into a path."""
    return _PLACE.sub(lambda match: places.get(match[1], match[0]), path)


def with_example(parameter: Parameter | None) -> Any:
    """Return the value that the document gives for a parameter; None where it gives none."""
    if parameter is None:
        return None
    choices = parameter.schema.get("enum")
    if parameter.example is not None:
        return parameter.example
    return choices[0] if isinstance(choices, list) and choices else None


def _choices(parameter: Parameter | None) -> list[Any]:
    """Return the values that a parameter may have, where the document lists them."""
    listed = parameter.schema.get("enum") if parameter is not None else None
    found = [one for one in listed if isinstance(one, str | int) and one != ""] if isinstance(listed, list) else []
    return found if len(found) <= _MOST_VALUES else []


def _plain(path: str) -> str:
    """Return a path whose parameters have no names, so that two names of one parameter do not matter."""
    return _PLACE.sub("{}", path).rstrip("/")

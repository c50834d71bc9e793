"""A configuration being written: the present file, the wanted changes, and what is still wrong."""

import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from engine.common.atomic_file import replace_file
from engine.common.errors import ConfigError, UsageError
from engine.common.paths import tilde
from engine.common.secret import Secret
from engine.config.credentials import Credential, missing_credential, read_secret
from engine.config.settings import SourceSettings, load_settings
from engine.config.validation import Key
from engine.model.source import Auth
from tui.init.document import Change, edit
from tui.init.questions import Asked, asked_of, read, written
from tui.wiring.builder import Wiring
from tui.wiring.configured_source import ConfiguredSource
from tui.wiring.registry import Registry
from tui.wiring.source_cards import access

_ANY: Final = Credential(place="here", read=lambda: Secret("unread"))
DATABASE: Final = "where rows go; a relative path counts from this file's folder"


@dataclass(slots=True, kw_only=True)
class SourceAnswers:
    """The answers for one source."""

    name: str
    summary: str
    asked: Sequence[Asked]
    auth: Auth | None
    before: Mapping[str, Any]
    """The source's table in the file."""
    exists: bool
    """Whether the file has such a table."""
    wanted: bool
    answers: dict[str, Any] = field(default_factory=dict)
    token: Secret | None = None
    """A token typed into the form, for the keyring."""
    token_file: str = ""

    def value(self, key: str) -> Any:
        """Return an answer, otherwise the value in the file; None if there is neither."""
        return self.answers.get(key, _at(self.before, key.split(".")))

    def take_token(self, text: str) -> None:
        """Keep a token for the keyring; an empty text discards the token typed before.

        Raises:
            UsageError: the text cannot be a token.
        """
        self.token = None
        self.token = read_secret(text, "the token") if text.strip() else None

    def changes(self) -> list[Change]:
        """Return the changes to the file for this source."""
        if not self.wanted:
            return []
        helps = {each.question.key: each.question.help for each in self.asked}
        table = [] if self.exists else [Change(("sources", self.name), {})]
        keys = [
            Change(("sources", self.name, *key.split(".")), value, helps.get(key, ""))
            for key, value in self.answers.items()
        ]
        if self.token_file:
            comment = "the file that has the token; chmod 600"
            keys.append(Change(("sources", self.name, "token_file"), self.token_file, comment))
        return table + keys


class Draft:
    """The answers so far. Nothing is written before `write`."""

    def __init__(self, *, file: Path, registry: Registry, wiring: Wiring) -> None:
        """Start with the present file.

        Raises:
            ConfigError: the file cannot be read.
        """
        self.file = file
        self.database: str | None = None
        """The new path of the database; None leaves it unchanged."""
        self.extra: list[Change] = []
        """The changes of `--set`, in addition to the answers."""
        self._registry, self._wiring = registry, wiring
        self.text = read_text(file)
        """The present text of the file; "" if there is none."""
        document = tomllib.loads(self.text)
        self._had_database = "database" in document
        tables = document.get("sources", {})
        self.parts: list[SourceAnswers] = []
        for name in wiring.names():
            with nullcontext() if name in tables else suppress(UsageError):  # a third party's source may be broken
                self.parts.append(self._part(name, tables))

    @property
    def database_shown(self) -> str:
        """The path of the database, as a person writes it."""
        return self.database or tilde(self._wiring.database)

    def part(self, name: str) -> SourceAnswers:
        """Return the part of a source; a new source gets one.

        Raises:
            UsageError: there is no such source.
        """
        found = next((one for one in self.parts if one.name == name), None)
        if found is None:
            kinds = [each.value for each in self.extra if each.key == ("sources", name, "kind")]
            self._registry.check(kinds or [name])
            found = SourceAnswers(
                name=name, summary="", asked=asked_of(self._registry.load(kinds[0])), auth=None,
                before={}, exists=False, wanted=True,
            )  # fmt: skip
            self.parts.append(found)
        return found

    def answer(self, part: SourceAnswers, asked: Asked, text: str) -> None:
        """Store an answer. An empty one removes the key from the answers; a key in the file stays.

        Raises:
            ValueError: the key does not accept the value.
        """
        key = asked.question.key
        part.answers.pop(key, None)
        if text.strip() and text.strip() != written(part.value(key)):
            part.answers[key] = read(text, asked.hint)

    def changes(self) -> list[Change]:
        """Return all changes to the file."""
        found: list[Change] = []
        if self.database is not None or not (self._had_database or self.text):
            found.append(Change(("database",), self.database_shown, DATABASE))
        return found + [change for part in self.parts for change in part.changes()] + self.extra

    def result(self) -> str:
        """Return the text of the file as it would be written.

        Raises:
            ConfigError: the file is written so that the changes cannot be applied.
        """
        return edit(self.text, self.changes())

    def choose(self, names: Iterable[str]) -> None:
        """Choose sources, and give each of their keys its explanation as a comment.

        Raises:
            UsageError: there is no such source.
        """
        for name in dict.fromkeys(names):
            self.part(name).wanted = True
        helps = {
            ("sources", part.name, *each.question.key.split(".")): each.question.help
            for part in self.parts
            for each in part.asked
        }
        self.extra = [Change(each.key, each.value, helps.get(each.key, "")) for each in self.extra]

    def problem(self, part: SourceAnswers) -> str:
        """Return what would keep a source from running with these answers; "" if nothing would.

        A missing token is no problem of the file; `access` reports it.
        """
        try:
            configured = self._configured(part.name)
            replace(configured, credential=configured.credential or _ANY).check(time.time())
        except UsageError as error:
            return _plain(str(error), part.name, self.file)
        return ""

    def access(self, part: SourceAnswers) -> str:
        """Return where a source's token is, or what to set."""
        if part.token is not None:
            return "typed just now; it goes into the keyring"
        try:
            return access(self._configured(part.name))
        except UsageError:
            if part.auth is None:
                return "as soon as the answers above are right"
            settings = SourceSettings(name=part.name, origin=self._wiring.settings.origin)
            return missing_credential(settings, part.auth) if part.auth.required else "unknown yet"

    def write(self) -> None:
        """Write the file, all of it or nothing.

        Raises:
            UsageError: the file cannot be written, or was changed meanwhile.
        """
        write_text(self.file, before=self.text, made=self.result())

    def _configured(self, name: str) -> ConfiguredSource:
        """Create a source from the file as it would be written."""
        overrides: list[tuple[Key, Any]] = [(each.key, each.value) for each in self.changes() if each.value != {}]
        settings = load_settings(self.file, overrides=overrides)
        return self._wiring.under(settings).prepare(name)

    def _part(self, name: str, tables: Mapping[str, Any]) -> SourceAnswers:
        table = tables.get(name, {})
        source = self._registry.load(table.get("kind", name))
        return SourceAnswers(
            name=name,
            summary=getattr(source, "summary", "") or "any JSON API, by its address and the path of a list",
            asked=asked_of(source),
            auth=getattr(source, "auth", None),
            before=table,
            exists=name in tables,
            wanted=name in tables,
        )


def read_text(file: Path) -> str:
    """Read a configuration as text; "" if there is none.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{tilde(file)}: cannot be read: {error}") from error


def write_text(file: Path, *, before: str, made: str) -> None:
    """Replace a configuration, all of it or nothing. `before` is its text when the work on it began.

    Raises:
        ConfigError: the file cannot be written, or was changed meanwhile.
    """
    if read_text(file) != before:
        raise ConfigError(f"{tilde(file)} was changed meanwhile; nothing is written, begin again")
    try:
        replace_file(file, made.encode())
    except OSError as error:
        raise ConfigError(f"{tilde(file)} cannot be written: {error.strerror}") from error


def _at(table: Mapping[str, Any], steps: Sequence[str]) -> Any:
    found: Any = table
    for step in steps:
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _plain(problem: str, name: str, file: Path) -> str:
    """Remove the parts of a message that the form shows already: the source and the file."""
    for prefix in (f"{tilde(file)}: ", f"--set {name}.", f"sources.{name}.", f"{name}: "):
        problem = problem.removeprefix(prefix)
    return problem

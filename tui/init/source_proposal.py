"""A source proposed from an address: asks it once, shows rows, and adds the source to the text of a configuration."""

import asyncio
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from engine.common.errors import BadBody, ConfigError, SourceError, TransportError, UsageError
from engine.common.paths import tilde
from engine.common.text import clean, suggestion
from engine.config.settings import load_settings
from engine.model.credentials import token_variable
from engine.model.source import Memory, Page, Request, Response, Source
from engine.transport.base import Transport
from sources.rest.proposal.infer import infer
from sources.rest.proposal.names import source_name
from sources.rest.proposal.proposal import Proposal, auth_line
from sources.rest.proposal.toml import to_toml
from sources.rest.proposal.url import ApiUrl
from tui.init.document import Change, edit
from tui.init.draft import DATABASE
from tui.wiring.builder import Wiring

ANSWER_WITHIN: Final = 20.0
"""Seconds after which an address counts as unreachable."""
_ACCEPT: Final = "application/json, application/x-ndjson;q=0.8, text/csv;q=0.7, application/xml;q=0.6, */*;q=0.5"
"""What an address is asked for: JSON where the API has a choice."""
_TYPES: Final = ("bearer", "basic", "header", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A proposed source, its text for the configuration, and the rows of its first page."""

    proposal: Proposal
    page: Page
    table: str
    """The table of the rows."""
    columns: Sequence[str]


class Proposer:
    """Asks one address through the transport of a source, as a harvest would."""

    def __init__(
        self, *, wiring: Wiring, file: Path, environ: Mapping[str, str], name: str = "", keep: bool = True
    ) -> None:
        """Prepare to propose sources for a configuration.

        Args:
            wiring: the wiring of the present configuration.
            file: that configuration.
            environ: the environment, which may have the secret.
            name: the name of the new source; "" to name it after its host.
            keep: whether the source is to be written; otherwise it is only run.
        """
        self._wiring = wiring
        self._file = file
        self._environ = environ
        self._name = name
        self._keep = keep

    def propose(self, url: ApiUrl, auth: Mapping[str, Any] | None = None) -> Proposed:
        """Ask an address once, and propose a source.

        Raises:
            UsageError: the address answers in no format that is known, or the name is taken.
        """
        name = self.free_name(url.base_url)
        env = token_variable(name)
        response = self._ask(name, url, auth, env)
        try:
            found = infer(url, response, name=name, env=env)
        except BadBody as error:
            raise UsageError(_no_items(url, response)) from error
        proposal = found.proposal
        if auth and url.secret is None:
            proposal = replace(proposal, lines=[*proposal.lines, auth_line({**auth, "env": env})])
        source = self.source(name, proposal.table())
        request = _first(source)
        try:
            page = source.parse(request, replace(response, url=response.url or url.base_url), _memory())
        except (BadBody, SourceError) as error:
            raise UsageError(f"{clean(str(error), 200)}; write its endpoint by hand, see docs/rest.md") from error
        columns = [column.name for column in found.columns]
        return Proposed(proposal=proposal, page=page, table=found.endpoint, columns=columns)

    def fetch(self, url: ApiUrl) -> bytes:
        """Request a document once.

        Raises:
            UsageError: it cannot be had.
        """
        name = self.free_name(url.base_url)
        return self._ask(name, url, None, token_variable(name), accept="application/json, application/yaml, */*").body

    def free_name(self, base_url: str) -> str:
        """Return the name of the new source.

        Raises:
            UsageError: the configuration has a source of that name.
        """
        there = self._wiring.settings.sources
        name = self._name or source_name(base_url, self._wiring.registry.names())
        if name in there and not self._keep:
            raise UsageError(
                f"sources.{name} is in {tilde(self._file)}: run it by its name, as in `fetchdeck run {name}`"
            )
        if name in there:
            raise UsageError(
                f"sources.{name} is in {tilde(self._file)} already: to put this one beside it, add --name {name}-2"
            )
        return name

    def source(self, name: str, table: Mapping[str, Any]) -> Source:
        """Create a source from a table that is not in the file.

        Raises:
            UsageError: the table is invalid.
        """
        return self._under(name, table, self._environ).prepare(name).source

    def _under(self, name: str, table: Mapping[str, Any], environ: Mapping[str, str]) -> Wiring:
        settings = load_settings(self._file, overrides=[(("sources", name), dict(table))])
        return Wiring(settings=settings, registry=self._wiring.registry, environ=environ, version=self._wiring.version)

    def _ask(self, name: str, url: ApiUrl, auth: Mapping[str, Any] | None, env: str, accept: str = _ACCEPT) -> Response:
        """Request the address as it was given, through the transport that a harvest of it would have."""
        table: dict[str, Any] = {"kind": "rest", "base_url": url.base_url, "headers": {"Accept": accept}}
        table["endpoints"] = {"items": {"path": url.path, "params": dict(url.params)}}
        environ = dict(self._environ)
        if url.secret is not None:
            environ[env] = url.secret.reveal()  # for this one request; only this process has the mapping
        asked_with = url.auth_table(env) or (auth and {**auth, "env": env})
        if asked_with:
            table["auth"] = asked_with
        wiring = self._under(name, table, environ)
        configured = wiring.prepare(name)
        configured.check(time.time())
        transport = wiring.transport(configured, timeout=ANSWER_WITHIN)
        try:
            response = asyncio.run(_send(transport, _first(configured.source)))
        except (TransportError, BadBody) as error:
            raise UsageError(
                f"{clean(url.shown())} cannot be asked: {error}; check the address and the network"
            ) from error
        if response.status >= 300:
            raise UsageError(_refused(url, response, env))
        return response


def parse_auth(text: str) -> dict[str, Any]:
    """Parse the option `--auth`.

    Raises:
        UsageError: it names no way to send a secret.
    """
    kind, _, name = text.partition(":")
    if kind not in _TYPES:
        raise UsageError(f'--auth: there is no "{clean(text, 40)}": {suggestion(kind, _TYPES)}')
    if (kind in {"header", "query"}) != bool(name):
        wanted = f"{kind}:NAME" if kind in {"header", "query"} else kind
        raise UsageError(f'--auth: got "{clean(text, 40)}", want {wanted}')
    return {"type": kind, "name": name} if name else {"type": kind}


def with_source(text: str, proposal: Proposal, database: str) -> str:
    """Add a source to the text of a configuration. A new one gets the path of a database too.

    Raises:
        ConfigError: the file is written so that nothing can be added at its end.
    """
    present = text or edit("", [Change(("database",), database, DATABASE)])
    made = f"{present.rstrip()}\n\n{to_toml(proposal)}"
    wanted = tomllib.loads(present)
    try:
        wanted.setdefault("sources", {})[proposal.name] = proposal.table()
        same = tomllib.loads(made) == wanted
    except (tomllib.TOMLDecodeError, AttributeError):
        same = False
    if not same:
        raise ConfigError("your file is written in a way that cannot be added to; --dry-run prints what to put in")
    return made


async def _send(transport: Transport, request: Request) -> Response:
    try:
        return await transport.send(request, {})
    finally:
        await transport.close()


def _first(source: Source) -> Request:
    return next(iter(source.seed(_memory())))


def _memory() -> Memory:
    return Memory(started=datetime.fromtimestamp(time.time(), UTC))


def _refused(url: ApiUrl, response: Response, env: str) -> str:
    where = f"{clean(url.shown())} answers {response.status}"
    match response.status:
        case 401 | 403 if url.secret is not None:
            return f"{where}: it refuses the secret of the address; make a new one"
        case 401 | 403:
            return f"{where}: it wants a secret; put it into {env}, and say how it is sent, as in --auth bearer"
        case 404 | 410:
            return f"{where}: there is no such list; check the path"
        case 429:
            return f"{where}: it wants to be left alone for a while; try later"
        case status if status >= 500:
            return f"{where}: the API is ailing; try later"
    return f"{where}: want an address that answers with a list; perhaps it lacks a parameter"


def _no_items(url: ApiUrl, response: Response) -> str:
    kind = response.headers.get("content-type", "").partition(";")[0] or "something else"
    where = f"{clean(url.shown())} answers {clean(kind, 60)}"
    if "html" in kind:
        return f"{where}, not JSON: want an address of the API, not of a page to read"
    return f"{where}, and has no items in JSON, JSON Lines, CSV or XML: want an address that answers with a list"

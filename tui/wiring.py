"""The one place where things are built: settings, sources, transports and the engine."""

import ssl
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from engine.config import Settings, SourceSettings
from engine.credentials import Credential, find_credential, missing_credential
from engine.deck import Job
from engine.errors import ConfigError, UsageError
from engine.events import Event
from engine.locations import default_database
from engine.secret import Secret
from engine.source import Memory, RateBudget, Source
from engine.thread import EngineThread
from engine.transport import Transport
from tui.proxies import proxy_for
from tui.registry import Registry

SPARE_CONNECTIONS = 2
"""Above a source's concurrency: a redirect or a slow close must not make a request wait for a connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks of a harvest; None leaves it to the configuration."""

    workers: int | None = None
    limit: int | None = None
    duration: float | None = None
    full: bool = False
    retry_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A source made from its settings, and where its secret is."""

    source: Source
    settings: SourceSettings
    credential: Credential | None

    def check(self, now: float) -> None:
        """Find what would stop it at its first step: no secret where one is needed, options that name nothing.

        Raises:
            UsageError: saying how to put it right.
        """
        auth = self.source.auth
        if auth is not None and auth.required and self.credential is None:
            raise ConfigError(missing_credential(self.settings, auth))
        memory = Memory(started=datetime.fromtimestamp(now, UTC))
        next(iter(self.source.seed(memory)), None)

    def secret_header(self) -> tuple[str, Secret] | None:
        """Fetch the secret, and return it with the header that carries it.

        Raises:
            ConfigError: it cannot be fetched.
        """
        auth = self.source.auth
        if auth is None or self.credential is None:
            return None
        return auth.header, Secret(auth.prefix + self.credential.read().reveal())


class Wiring:
    """Builds what a command needs, and nothing before it is needed."""

    def __init__(
        self,
        *,
        settings: Settings,
        registry: Registry,
        environ: Mapping[str, str],
        version: str,
        database: Path | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.version = version
        self.database = database or settings.database or default_database()
        self._environ = environ
        self._wishes = wishes or Wishes()
        for name in settings.sources:
            _check_table(registry, settings, name)

    def prepare(self, name: str) -> Prepared:
        """Make a source from its settings and find its secret; nothing is opened, run or sent.

        Raises:
            UsageError: there is no such source, or its settings are wrong.
        """
        make = self.registry.load(name)
        settings = self.settings.source(name)
        source = make(settings.options(make.Options))
        allowance = settings.common.allowance()
        if allowance is not None:
            requests, per = allowance
            source.budgets = [replace(one, requests=requests, per=per) for one in source.budgets or [RateBudget()]]
        credential = find_credential(settings, source.auth, self._environ)
        return Prepared(source=source, settings=settings, credential=credential)

    def transport(self, prepared: Prepared, *, timeout: float | None = None) -> Transport:
        """Make the transport of a source; its secret is fetched now.

        Raises:
            UsageError: the secret cannot be fetched or sent, or the base address is none.
        """
        from engine.http import MIB, HttpTransport  # noqa: PLC0415 -- 200 ms that listings need not wait for

        source, http = prepared.source, self.settings.http
        widest = max([budget.concurrency for budget in source.budgets], default=32)
        return HttpTransport(
            base_url=source.base_url,
            headers=source.headers,
            secret_header=prepared.secret_header(),
            connections=max(widest, self._workers(prepared) or 0) + SPARE_CONNECTIONS,
            user_agent=f"fetchdeck/{self.version}",
            total_timeout=timeout or http.total_timeout,
            body_limit=http.body_limit * MIB,
            ssl_context=self._tls,
            proxy=proxy_for(source.base_url, self._environ),
        )

    def engine(self, names: Sequence[str], listen: Callable[[Event], None]) -> EngineThread:
        """Build the engine for some sources. Everything that can be wrong is found before anything starts.

        Raises:
            UsageError: a source, its settings or its secret is not as it must be.
        """
        prepared = [self.prepare(name) for name in dict.fromkeys(names)]
        for one in prepared:
            one.check(time.time())
        jobs = [self._job(one) for one in prepared]
        return EngineThread(jobs=jobs, database=self.database, duration=self._wishes.duration, listen=listen)

    def _job(self, prepared: Prepared) -> Job:
        return Job(
            source=prepared.source,
            transport=self.transport(prepared),
            workers=self._workers(prepared),
            limit=self._wishes.limit or prepared.settings.common.limit,
            full=self._wishes.full,
            retry_failed=self._wishes.retry_failed,
        )

    def _workers(self, prepared: Prepared) -> int | None:
        return self._wishes.workers or prepared.settings.common.workers

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        from engine.http import tls_context  # noqa: PLC0415 -- likewise

        return tls_context()


def chosen(names: Iterable[str], settings: Settings) -> list[str]:
    """Say what to harvest: what was named, else every source the configuration has a table for.

    Raises:
        UsageError: neither names one.
    """
    found = list(dict.fromkeys(names)) or sorted(settings.sources)
    if not found:
        raise UsageError("name at least one source, as in `fetchdeck run github`; `fetchdeck sources` lists them")
    return found


def _check_table(registry: Registry, settings: Settings, name: str) -> None:
    try:
        registry.check([name])
    except UsageError as error:
        raise ConfigError(f"{settings.origin.name(('sources', name))}: {error}") from error

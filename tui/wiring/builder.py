"""The one place where things are built: settings, sources, transports and the engine."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.common.errors import ConfigError, UsageError
from engine.common.paths import default_database
from engine.config.credentials import find_credential
from engine.config.keyring import TokenKeyring
from engine.config.settings import Settings, SourceSettings
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.coverage import RefillPlan
from engine.model.events import Event
from engine.model.source import Source, WorksWithoutSecret
from engine.storage.coverage_map import coverage_map
from engine.transport.base import Transport
from tui.wiring.configured_source import ConfiguredSource, budgets_with
from tui.wiring.registry import Registry
from tui.wiring.transports import Transports

# What the command line asks of a harvest, apart from its sources.


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """What the command line asks of a harvest; None leaves it to the configuration."""

    workers: int | None = None
    cap: int | None = None
    policy: str | None = None
    retries: int | None = None
    spacing: float | None = None
    limit: int | None = None
    duration: float | None = None
    full: bool = False
    retry_failed: bool = False
    fill: Sequence[str] = ()
    """Fetch only what fills these parts of the coverage map: their keys, or all of a state."""


_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


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
        wishes: RunOptions | None = None,
        vault: TokenKeyring | None = None,
    ) -> None:
        self.settings = settings
        self.registry = registry
        self.version = version
        self.database = database or settings.database or default_database()
        self._environ = environ
        self._vault = vault
        self.wishes = wishes or RunOptions()
        self._transports = Transports(http=settings.http, version=version, environ=environ)
        for name in settings.sources:
            _check_table(registry, settings, name)

    def under(self, settings: Settings) -> "Wiring":
        """Return the same wiring under other settings, as `fetchdeck init` tries them before it writes them."""
        return Wiring(
            settings=settings,
            registry=self.registry,
            environ=self._environ,
            version=self.version,
            wishes=self.wishes,
            vault=self._vault,
        )

    def prepare(self, name: str) -> ConfiguredSource:
        """Make a source from its settings and find its secret; nothing is opened, run or sent.

        Raises:
            UsageError: there is no such source, or its settings are wrong.
        """
        settings = self.settings.source(name)
        source = self._make(name, settings)
        lanes = [budget.resource for budget in source.budgets]
        credential, note = find_credential(settings, source.auth, self._environ, self._vault), ""
        if credential is None and isinstance(source, WorksWithoutSecret):
            source, note = source.without_secret()
        source.budgets = budgets_with(settings, source.budgets, lanes)
        return ConfiguredSource(source=source, settings=settings, credential=credential, note=note)

    def transport(self, prepared: ConfiguredSource, *, timeout: float | None = None) -> Transport:
        """Make the transport of a source; its secret is fetched now.

        Raises:
            UsageError: the secret cannot be fetched or sent, or the base address is none.
        """
        return self._transports.make(
            prepared.source,
            secret_header=prepared.secret_header(),
            secret_query=prepared.secret_query(),
            folder=prepared.settings.origin.file.parent,
            workers=self.workers(prepared),
            timeout=timeout,
        )

    def names(self) -> Sequence[str]:
        """List every source there is: the installed ones, and those the configuration makes of them."""
        return sorted({*self.registry.names(), *self.settings.sources})

    def check(self, names: Iterable[str]) -> None:
        """Refuse names that no source has.

        Raises:
            UsageError: naming the nearest and all there are.
        """
        self.registry.check(name for name in names if name not in self.settings.sources)

    def engine(self, names: Sequence[str], listen: Callable[[Event], None], fills: Sequence[str] = ()) -> EngineThread:
        """Build the engine for some sources. Everything that can be wrong is found before anything starts.

        `fills` are parts to fetch instead of all there is.

        Raises:
            UsageError: a source, its settings or its secret is not as it must be.
        """
        prepared = [self.prepare(name) for name in dict.fromkeys(names)]
        for one in prepared:
            one.check(time.time())
        jobs = [self.job(one, fills or self.wishes.fill) for one in prepared]
        return EngineThread(jobs=jobs, database=self.database, duration=self.wishes.duration, listen=listen)

    def _make(self, name: str, settings: SourceSettings) -> Source:
        make = self.registry.load(settings.common.kind or name)
        options = settings.options(make.Options)
        return make(options, name=name) if settings.common.kind else make(options)

    def filling(self, source: Source, parts: Sequence[str]) -> RefillPlan:
        """Say what fills parts of a source.

        Raises:
            UsageError: a part is not there, or none of them needs anything.
        """
        with coverage_map(self.database, source, now=time.time()) as found:
            filling = found.filling(parts)
        if not filling:
            raise UsageError(f"{source.name}: nothing is to be filled of {', '.join(parts)}: see `fetchdeck coverage`")
        return filling

    def job(self, prepared: ConfiguredSource, fills: Sequence[str] = ()) -> Job:
        """Say what the engine is to run: a source, what carries its requests, and the wishes for it.

        `fills` are the parts to fetch instead of all there is.

        Raises:
            UsageError: its secret cannot be fetched or sent, or there is nothing to fill.
        """
        return Job(
            source=prepared.source,
            transport=self.transport(prepared),
            workers=self.workers(prepared),
            retries=prepared.settings.common.retries if self.wishes.retries is None else self.wishes.retries,
            spacing=self.spacing(prepared),
            limit=self.wishes.limit or prepared.settings.common.limit,
            full=self.wishes.full and not fills,
            filling=self.filling(prepared.source, fills) if fills else None,
            retry_failed=self.wishes.retry_failed,
            note=prepared.note,
            cap=self.wishes.cap or prepared.settings.common.cap,
            policy=self.wishes.policy or prepared.settings.common.policy,
            rules=prepared.settings.common.rules,
            weight=prepared.settings.common.weight,
        )

    def spacing(self, prepared: ConfiguredSource) -> float:
        """Say how many seconds to leave between two requests in each lane of a source."""
        return prepared.settings.common.spacing if self.wishes.spacing is None else self.wishes.spacing

    def workers(self, prepared: ConfiguredSource) -> int | None:
        """Say how many requests of a source may be in flight; None leaves it to the controller."""
        return self.wishes.workers or prepared.settings.common.workers


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
    """Refuse a table that no source is made from, or one that gives a source a name it cannot have."""
    kind, where = settings.sources[name].common.kind, settings.origin.name(("sources", name))
    try:
        registry.check([kind or name])
    except UsageError as error:
        raise ConfigError(f"{where}: {error}") from error
    if kind is None or kind == name:
        return
    if not getattr(registry.load(kind), "many", False):
        raise ConfigError(f'{where}.kind: there is one "{kind}" only, in [sources.{kind}]')
    if name in registry.names():
        raise ConfigError(f'{where}.kind: "{name}" is a source of its own; choose another name for this one')
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: want lower-case letters, digits and hyphens, as it names tables in the database")

"""Builds what a command needs: settings, sources, transports and the engine. Nothing is built anywhere else."""

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

import msgspec

from engine.common.errors import ConfigError, UsageError
from engine.common.hosts import is_loopback
from engine.common.paths import default_database, refresh_tokens
from engine.config.credentials import find_credential, find_further
from engine.config.keyring import TokenKeyring
from engine.config.settings import Settings, SourceSettings
from engine.config.validation import show
from engine.harvest.engine_thread import EngineThread
from engine.harvest.job import Job
from engine.model.capabilities import ConfiguredSeveralTimes
from engine.model.coverage import RefillPlan
from engine.model.events import Event
from engine.model.outside_wait import DEFAULT_PATIENCE
from engine.model.source import Source, WorksWithoutSecret
from engine.model.tuning import Layer, Tuning, layer_of
from engine.storage.coverage_map import coverage_map
from engine.storage.source_tables import table_name
from engine.storage.walk_starts import RESUME_WITHIN
from engine.transport.base import Transport
from engine.transport.url import check_base, origin
from tui.wiring.configured_source import ConfiguredSource, budgets_with
from tui.wiring.credential_providers import CredentialProviders
from tui.wiring.registry import Registry
from tui.wiring.transports import Transports

_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
_KEPT_BY_SQLITE = "sqlite_"
"""https://sqlite.org/fileformat2.html#internal_schema_objects"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of the command line for a harvest."""

    tuning: Layer = field(default_factory=dict)
    """The settings it names; they come before those of the file."""
    duration: float | None = None
    patience: float | None = None
    """Seconds that a run waits for a cause outside of fetchdeck; None leaves it to the file, then to the default."""
    full: bool = False
    retry_failed: bool = False
    fill: Sequence[str] = ()
    """Parts of the coverage map to fetch instead of a whole run: their keys, or a state for all parts in it."""


class Wiring:
    """Builds the parts of a command, each when it is first needed."""

    def __init__(
        self,
        *,
        settings: Settings,
        registry: Registry,
        environ: Mapping[str, str],
        version: str,
        database: Path | None = None,
        run_options: RunOptions | None = None,
        keyring: TokenKeyring | None = None,
        reload: Callable[[], Settings] | None = None,
    ) -> None:
        """Build the wiring. `reload` reads the configuration again, with the same command line."""
        self.settings = settings
        self.registry = registry
        self.version = version
        self.database = database or settings.database or default_database()
        self._environ = environ
        self._keyring = keyring
        self._reload = reload
        self.run_options = run_options or RunOptions()
        self._providers = CredentialProviders(environ=environ, version=version, folder=refresh_tokens())
        self._transports = Transports(http=settings.http, version=version, environ=environ)
        for name in settings.sources:
            _check_table(registry, settings, name)

    def under(self, settings: Settings) -> "Wiring":
        """Return the same wiring with other settings. `fetchdeck init` uses it to try settings before writing them."""
        return Wiring(
            settings=settings,
            registry=self.registry,
            environ=self._environ,
            version=self.version,
            run_options=self.run_options,
            keyring=self._keyring,
        )

    @property
    def rereads(self) -> bool:
        """Whether there is a configuration that can be read again."""
        return self._reload is not None

    def reread(self) -> Settings:
        """Read the configuration again, and check the sources whose tables are no longer as they were.

        Raises:
            UsageError: a start would refuse it.
        """
        settings = self.settings if self._reload is None else self._reload()
        fresh = self.under(settings)
        for name, table in settings.sources.items():
            before = self.settings.sources.get(name)
            if before is None or (before.common, before.own) != (table.common, table.own):
                fresh._make(name, table)
        return settings

    def prepare(self, name: str) -> ConfiguredSource:
        """Create a source from its settings and locate its secret; nothing is opened, run or sent.

        Raises:
            UsageError: there is no such source, or its settings are invalid.
        """
        settings = self.settings.source(name)
        source = self._make(name, settings)
        lanes = [budget.resource for budget in source.budgets]
        credential, note = find_credential(settings, source.auth, self._environ, self._keyring), ""
        further, missing = find_further(settings, source.auth, self._environ)
        if credential is None and isinstance(source, WorksWithoutSecret):
            source, note = source.without_secret()
        source.budgets = budgets_with(settings, source.budgets, lanes)
        return ConfiguredSource(
            source=source, settings=settings, credential=credential, further=further, missing=missing, note=note
        )

    def transport(self, configured: ConfiguredSource, *, timeout: float | None = None) -> Transport:
        """Create the transport of a source; its secret is read now.

        Raises:
            UsageError: the secret cannot be read or sent, or the base address is invalid.
        """
        _check_encryption(configured)
        provided = self._providers.make(configured)
        return self._transports.make(
            configured.source,
            credentials=provided.provider,
            git_secret=next(iter(provided.first.headers.values()), None) if provided.first else None,
            folder=configured.settings.origin.file.parent,
            workers=self.tuning(configured).workers,
            timeout=timeout,
        )

    def names(self) -> Sequence[str]:
        """Return all sources: the installed ones and those that the configuration creates."""
        return sorted({*self.registry.names(), *self.settings.sources})

    def check(self, names: Iterable[str]) -> None:
        """Refuse unknown source names.

        Raises:
            UsageError: it suggests the nearest name and lists all.
        """
        self.registry.check(names, also=self.settings.sources)

    def engine(
        self,
        names: Sequence[str],
        listen: Callable[[Event], None],
        fills: Sequence[str] = (),
        *,
        on_screen: bool = False,
    ) -> EngineThread:
        """Build the engine for some sources. All errors in the settings are raised here, before anything starts.

        `fills` are parts of the coverage map to fetch instead of a whole run. With a screen, a wait whose cause is
        outside of fetchdeck never ends the run, unless the person set a patience.

        Raises:
            UsageError: a source, its settings or its secret is invalid.
        """
        configured = [self.prepare(name) for name in dict.fromkeys(names)]
        _check_tables(configured)
        for one in configured:
            one.check(time.time())
        jobs = [self.job(one, fills or self.run_options.fill) for one in configured]
        return EngineThread(
            jobs=jobs,
            database=self.database,
            duration=self.run_options.duration,
            patience=self.patience(on_screen=on_screen),
            listen=listen,
        )

    def patience(self, *, on_screen: bool) -> float:
        """Return for how many seconds a run waits for a cause outside of fetchdeck, `inf` for ever."""
        given = self.run_options.patience if self.run_options.patience is not None else self.settings.patience
        return given if given is not None else inf if on_screen else DEFAULT_PATIENCE

    def _make(self, name: str, settings: SourceSettings) -> Source:
        make = self.registry.load(settings.common.kind or name)
        options = settings.options(make.Options)
        _check_address(settings, getattr(options, "base_url", None))
        return make(options, name=name) if settings.common.kind else make(options)

    def default_address(self, name: str) -> str:
        """Return the address that a source asks by itself; "" where only the configuration names one."""
        shape = self.registry.load(self.settings.source(name).common.kind or name).Options
        fields = {field.name: field.default for field in msgspec.structs.fields(shape)}
        default = fields.get("base_url")
        return default if isinstance(default, str) else ""

    def plan_refill(self, source: Source, parts: Sequence[str]) -> RefillPlan:
        """Plan the refill of parts of a source.

        Raises:
            UsageError: a part does not exist, or none of them needs anything.
        """
        with coverage_map(self.database, source, now=time.time()) as found:
            plan = found.plan_refill(parts)
        if not plan:
            raise UsageError(f"{source.name}: nothing is to be filled of {', '.join(parts)}: see `fetchdeck coverage`")
        return plan

    def job(self, configured: ConfiguredSource, fills: Sequence[str] = ()) -> Job:
        """Return the job of a source: the source, its transport, and the options of its run.

        `fills` are parts of the coverage map to fetch instead of a whole run.

        Raises:
            UsageError: the secret cannot be read or sent, or there is nothing to fill.
        """
        return Job(
            source=configured.source,
            transport=self.transport(configured),
            tuning=self.tuning(configured),
            full=self.run_options.full and not fills,
            refill=self.plan_refill(configured.source, fills) if fills else None,
            retry_failed=self.run_options.retry_failed,
            resume_within=configured.settings.common.resumes_within() or RESUME_WITHIN,
            note=configured.note,
            weight=configured.settings.common.weight,
        )

    def tuning(self, configured: ConfiguredSource) -> Tuning:
        """Return the settings a source starts with: the command line's, then the file's, then the defaults."""
        return Tuning().under(layer_of(configured.settings.common)).under(self.run_options.tuning)


def chosen(names: Iterable[str], settings: Settings) -> list[str]:
    """Return the sources to harvest: the named ones, otherwise all that the configuration has a table for.

    Raises:
        UsageError: there is neither.
    """
    found = list(dict.fromkeys(names)) or sorted(settings.sources)
    if not found:
        raise UsageError("name at least one source, as in `fetchdeck run github`; `fetchdeck sources` lists them")
    return found


def _check_table(registry: Registry, settings: Settings, name: str) -> None:
    """Refuse a table that no source can be created from, or whose name a source cannot have."""
    kind, where = settings.sources[name].common.kind, settings.origin.name(("sources", name))
    try:
        registry.check([kind or name])
    except UsageError as error:
        raise ConfigError(f"{where}: {error}") from error
    if kind is None or kind == name:
        return
    loaded = registry.load(kind)
    if not (isinstance(loaded, ConfiguredSeveralTimes) and loaded.many):
        raise ConfigError(f'{where}.kind: there is one "{kind}" only, in [sources.{kind}]')
    if name in registry.names():
        raise ConfigError(f'{where}.kind: "{name}" is a source of its own; choose another name for this one')
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{where}: want lower-case letters, digits and hyphens, as it names tables in the database")
    if table_name(name, "").startswith(_KEPT_BY_SQLITE):
        raise ConfigError(
            f'{where}: SQLite keeps names of tables that begin with "{_KEPT_BY_SQLITE}"; choose another name'
        )


def _check_address(settings: SourceSettings, base_url: str | None) -> None:
    """Refuse an address that has the right form and is none, such as one whose port is 99999."""
    try:
        check_base(base_url or "http://localhost")
    except UsageError as error:
        way_out = "want an address such as https://api.example.com"
        raise ConfigError(f"{settings.key(('base_url',))}: got {show(base_url)}, {way_out}") from error


def _check_encryption(configured: ConfiguredSource) -> None:
    """Refuse to send a secret over http to another machine, where whoever is on the way can read it."""
    settings, base_url = configured.settings, configured.source.base_url
    scheme, host, _ = origin(base_url)
    if configured.credential is None or scheme == "https" or is_loopback(host) or settings.common.allow_http:
        return
    raise ConfigError(
        f"{settings.key(('base_url',))}: got {show(base_url)}, where the secret of {configured.credential.place} would"
        f" travel unencrypted; want https://, or set allow_http = true in [sources.{settings.name}]"
    )


def _check_tables(configured: Iterable[ConfiguredSource]) -> None:
    """Refuse two sources with a table of one name: "a" with a table "b_c", and "a-b" with a table "c"."""
    owners: dict[str, ConfiguredSource] = {}
    for one in configured:
        for table in one.source.tables:
            name = table_name(one.source.name, table.name)
            if name in owners:
                where, other = one.settings.key(()), owners[name].settings.name
                raise ConfigError(f'{where}: its table "{name}" is one of {other} too; rename one of these sources')
            owners[name] = one

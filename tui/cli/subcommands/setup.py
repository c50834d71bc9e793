"""Builds the wiring from the command line: which file is read, and what overrides what."""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from engine.common.paths import config_file, expand, keyring_file
from engine.common.text import clean
from engine.config.environment import PREFIX
from engine.config.keyring import TokenKeyring
from engine.config.overrides import parse_override
from engine.config.settings import Settings, load_settings
from engine.config.validation import Key
from engine.model.tuning import layer_of
from tui.cli.source_flags import Flags, SourceKeys
from tui.cli.trusting import person, require_trust
from tui.common.version import version
from tui.wiring.builder import RunOptions, Wiring
from tui.wiring.registry import Registry

CONFIG: Final = f"{PREFIX}CONFIG"


def wiring_for(
    arguments: argparse.Namespace,
    *,
    environ: Mapping[str, str] = os.environ,
    registry: Registry | None = None,
    acts: bool = True,
) -> Wiring:
    """Read the configuration and build the wiring of a command. Leftover words become sources and their values.

    With `acts`, the command may run, read, write or send what the configuration says, so it must be trusted.

    Raises:
        UsageError: the configuration, an override or an option of a source is invalid, or it is not trusted.
    """
    registry = registry or Registry()
    settings = settings_for(arguments, environ)
    _tell_unknown_variables(settings, registry, getattr(arguments, "serve_token_env", None))
    flags: tuple[tuple[Key, Any], ...] = ()
    if arguments.words:
        keys = SourceKeys(registry=registry, settings=settings)
        given = Flags(keys=keys, options=arguments.options).read(arguments.words)
        arguments.sources = list(given.sources)
        flags = tuple(given.values)
        settings = settings_for(arguments, environ, flags=flags)
    wiring = Wiring(
        settings=settings,
        registry=registry,
        environ=environ,
        version=version(),
        database=expand(arguments.db) if arguments.db else None,
        run_options=run_options_of(arguments),
        keyring=TokenKeyring(index=keyring_file()),
        reload=partial(settings_for, arguments, environ, flags=flags),
    )
    if acts:
        require_trust(wiring, given=arguments.trust, ask=None if arguments.served else person())
    return wiring


def settings_for(
    arguments: argparse.Namespace, environ: Mapping[str, str], flags: Iterable[tuple[Key, Any]] = ()
) -> Settings:
    """Read the file of --config, of FETCHDECK_CONFIG, or the default; apply the environment, --set and the flags.

    Raises:
        UsageError: the file or an override is invalid.
    """
    named = arguments.config or environ.get(CONFIG)
    overrides = [parse_override(text) for text in arguments.settings]
    file = expand(named) if named else config_file()
    return load_settings(
        file,
        required=bool(named),
        named_by="--config" if arguments.config else CONFIG,
        environ=environ,
        overrides=overrides,
        flags=flags,
    )


def _tell_unknown_variables(settings: Settings, registry: Registry, expected: str | None) -> None:
    """Say which variables change nothing. Those named after a source may hold its secret; `expected` is another one."""
    owners = tuple(f"{PREFIX}{name.upper().replace('-', '_')}_" for name in (*registry.names(), *settings.sources))
    for name in settings.unknown_variables:
        if name != expected and not name.upper().startswith(owners):
            said = "is no setting and changes nothing; docs/configuration.md lists the settings"
            print(f"fetchdeck: {clean(name, 80)} {said}", file=sys.stderr)  # noqa: T201 -- the command line speaks here


def run_options_of(arguments: argparse.Namespace) -> RunOptions:
    return RunOptions(
        tuning=layer_of(arguments),
        duration=arguments.duration,
        patience=arguments.patience,
        full=arguments.full,
        retry_failed=arguments.retry_failed,
        fill=tuple(arguments.fill),
    )

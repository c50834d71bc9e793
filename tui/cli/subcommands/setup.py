"""Builds the wiring from the command line: which file is read, and what overrides what."""

import argparse
import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from engine.common.paths import config_file, expand, keyring_file
from engine.config.keyring import TokenKeyring
from engine.config.overrides import parse_override
from engine.config.settings import Settings, load_settings
from engine.config.validation import Key
from engine.model.tuning import layer_of
from tui.cli.source_flags import Flags, SourceKeys
from tui.common.version import version
from tui.wiring.builder import RunOptions, Wiring
from tui.wiring.registry import Registry


def wiring_for(
    arguments: argparse.Namespace,
    *,
    environ: Mapping[str, str] = os.environ,
    registry: Registry | None = None,
) -> Wiring:
    """Read the configuration and build the wiring of a command. Leftover words become sources and their values.

    Raises:
        UsageError: the configuration, an override or an option of a source is invalid.
    """
    registry = registry or Registry()
    settings = settings_for(arguments, environ)
    flags: tuple[tuple[Key, Any], ...] = ()
    if arguments.words:
        keys = SourceKeys(registry=registry, settings=settings)
        given = Flags(keys=keys, options=arguments.options).read(arguments.words)
        arguments.sources = list(given.sources)
        flags = tuple(given.values)
        settings = settings_for(arguments, environ, flags=flags)
    return Wiring(
        settings=settings,
        registry=registry,
        environ=environ,
        version=version(),
        database=expand(arguments.db) if arguments.db else None,
        run_options=run_options_of(arguments),
        keyring=TokenKeyring(index=keyring_file()),
        reload=partial(settings_for, arguments, environ, flags=flags),
    )


def settings_for(
    arguments: argparse.Namespace, environ: Mapping[str, str], flags: Iterable[tuple[Key, Any]] = ()
) -> Settings:
    """Read the file of --config, of FETCHDECK_CONFIG, or the default; apply the environment, --set and the flags.

    Raises:
        UsageError: the file or an override is invalid.
    """
    named = arguments.config or environ.get("FETCHDECK_CONFIG")
    overrides = [parse_override(text) for text in arguments.settings]
    file = expand(named) if named else config_file()
    return load_settings(file, required=bool(named), environ=environ, overrides=overrides, flags=flags)


def run_options_of(arguments: argparse.Namespace) -> RunOptions:
    return RunOptions(
        tuning=layer_of(arguments),
        duration=arguments.duration,
        patience=arguments.patience,
        full=arguments.full,
        retry_failed=arguments.retry_failed,
        fill=tuple(arguments.fill),
    )

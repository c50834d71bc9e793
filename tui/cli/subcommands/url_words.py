"""Addresses among the words of `fetchdeck run`: each becomes a source and the values it is run with."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, cast

import tomlkit

from engine.common.atomic_file import replace_file
from engine.common.errors import ConfigError, UsageError
from engine.common.paths import default_database, tilde
from engine.common.text import clean
from engine.model.credentials import token_variable
from sources.rest.proposal.proposal import Line, Proposal
from sources.rest.proposal.toml import inline
from sources.rest.proposal.url import looks_like_url, parse_url
from sources.videos.web_address import channel_of
from tui.cli.subcommands.setup import settings_for
from tui.common.version import version
from tui.init.source_proposal import Proposer
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry


class TakesUrls(Protocol):
    """An optional ability of a source's class: a web page's address stands for options."""

    def from_url(self, url: str) -> Mapping[str, Any] | None:
        """Return the options that an address stands for; None for an address of something else.

        Raises:
            UsageError: the address is of this source, but cannot be harvested.
        """


def resolve_urls(arguments: argparse.Namespace) -> Mapping[str, str]:
    """Replace every address among the arguments by a source, and add the values that it stands for.

    Values of `--set` come after those, and win. Returns the environment with the secrets of the addresses.

    Raises:
        UsageError: an address cannot be harvested.
    """
    environ = dict(os.environ)
    registry = Registry()
    values: list[str] = []
    names: dict[str, str] = {}
    for word in dict.fromkeys(filter(looks_like_url, arguments.sources)):
        found = _of_a_source(word, registry) or _channel(word)
        name, table = found or _asked(word, arguments, registry, environ)
        if name in names.values():
            raise UsageError(f"{_shown(word)}: one address of {name} at a time; the others belong into a configuration")
        names[word] = name
        values.extend(f"sources.{name}.{key}={inline(value)}" for key, value in table.items())
    arguments.settings = [*values, *arguments.settings]
    for attribute in ("sources", "words"):
        setattr(arguments, attribute, [names.get(word, word) for word in getattr(arguments, attribute)])
    return environ


def _of_a_source(word: str, registry: Registry) -> tuple[str, Mapping[str, Any]] | None:
    """Return the source whose pages an address belongs to, with its options."""
    for name in registry.names():
        with suppress(ConfigError):
            made = registry.load(name)
            options = cast("TakesUrls", made).from_url(word) if hasattr(made, "from_url") else None
            if options is not None:
                return name, options
    return None


def _channel(word: str) -> tuple[str, Mapping[str, Any]] | None:
    """Return the videos source with a channel file for an address, which is written once."""
    found = channel_of(word)
    if found is None:
        return None
    link, name = found
    folder = default_database().parent / "channels"
    file = folder / f"{name}.toml"
    if not file.exists():
        _write_channel(file, link, name)
    return "videos", {"channels_dir": str(folder), "only": [file.name]}


def _write_channel(file: Path, link: str, name: str) -> None:
    try:
        replace_file(file, tomlkit.dumps({"link": link, "target_folder": name}).encode())
    except OSError as error:
        raise UsageError(f"{tilde(file)}: the channel file cannot be written: {error.strerror}") from error
    sys.stderr.write(f"wrote the channel file {tilde(file)}; it is yours to change\n")


def _asked(
    word: str, arguments: argparse.Namespace, registry: Registry, environ: dict[str, str]
) -> tuple[str, Mapping[str, Any]]:
    """Ask an address once, and return the source that it proposes."""
    settings = settings_for(arguments, environ)
    wiring = Wiring(settings=settings, registry=registry, environ=environ, version=version())
    proposer = Proposer(wiring=wiring, file=settings.origin.file, environ=environ, keep=False)
    url = parse_url(word)
    found = proposer.propose(url)
    name = found.proposal.name
    if url.secret is not None:
        environ[token_variable(name)] = url.secret.reveal()  # only this process has the mapping
    guesses = [f"{'.'.join(line.key[2:])} = {inline(line.value)}" for line in _guesses(found.proposal)]
    told = f"{name}.{found.table} of {_shown(word)}"
    told += f", guessed: {', '.join(guesses)}" if guesses else ""
    sys.stderr.write(f"{clean(told, 400)}; `fetchdeck init` with this address writes it down\n")
    return name, found.proposal.table()


def _guesses(proposal: Proposal) -> Iterator[Line]:
    return (line for line in proposal.all_lines() if line.guess and not line.unused)


def _shown(word: str) -> str:
    """Return an address for a message, without a secret that it may carry."""
    with suppress(UsageError):
        return clean(parse_url(word).shown(), 120)
    return "the address"

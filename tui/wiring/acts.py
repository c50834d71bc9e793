"""What a configuration makes fetchdeck do beyond asking APIs: it runs programs, reads and writes files, sends secrets.

A file of somebody else may do none of it before it is trusted (`engine.config.trust`). Only values of the file count:
those of `--set`, of an option or of the environment are the person's own. Pure, but for the resolution of paths.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from engine.common.errors import RedirectRefused, UsageError
from engine.common.hosts import is_loopback
from engine.common.paths import expand, tilde
from engine.common.text import clean
from engine.config.settings import Settings, SourceSettings
from engine.config.trust import Act
from engine.config.validation import Key
from engine.transport.url import origin

AUTH: Final = "auth"
RUNS: Final = frozenset({"token_command", "command"})
READS: Final = frozenset({"token_file", "file", "cookies_file"})
GIT: Final = frozenset({"git_options", "ssh_host"})
WRITES: Final = frozenset({"target", "channels_dir", "link_queue_dir"})
SENDS: Final = frozenset({"token_url", "login_url"})
_ONLY_IN_AUTH: Final = frozenset({"command", "file"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """Where a source sends a secret of the person's."""

    place: str
    """Where the secret is: "GITHUB_TOKEN", "keyring"."""
    default: str
    """The address that the source has by itself; "" for none."""


def acts_of(settings: Settings, sent: Callable[[SourceSettings], Sent | None]) -> Sequence[Act]:
    """Return everything that acts in a file, in the order of its tables.

    Args:
        settings: as they were read.
        sent: returns where the secret of a source is, if it has one; raises UsageError for a source that is invalid.
    """
    found = list(_database(settings))
    for name, source in settings.sources.items():
        try:
            where = sent(source)
        except UsageError:
            continue  # it cannot run as it is, and whoever runs it is told why
        values: dict[str, Any] = {**_given(source), **source.own}
        found += _in_table(values, ("sources", name), source)
        found += _sends(values, ("sources", name), source, where)
    return found


def _given(source: SourceSettings) -> dict[str, Any]:
    values = msgspec.structs.asdict(source.common)
    return {key: value for key, value in values.items() if value is not None}


def _database(settings: Settings) -> Iterator[Act]:
    if settings.database is not None and settings.origin.is_of_file(("database",)):
        yield from _outside("database", settings.database, settings.origin.file)


def _in_table(values: Mapping[str, Any], above: Key, source: SourceSettings) -> Iterator[Act]:
    for key, value in values.items():
        here = (*above, key)
        if isinstance(value, dict):
            yield from _in_table(value, here, source)
        elif isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from _in_table(each, here, source)
        if value and source.origin.is_of_file(here) and (key not in _ONLY_IN_AUTH or AUTH in above):
            yield from _of_value(key, value, ".".join(here), source)


def _of_value(key: str, value: Any, name: str, source: SourceSettings) -> Iterator[Act]:
    if isinstance(value, dict):
        return
    words = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
    if key in RUNS:
        yield Act(key=name, value="\0".join(words), does=f"runs {clean(' '.join(words), 120)}")
    elif key in READS:
        path = expand(words[0], source.origin.file.parent)
        yield Act(key=name, value=str(path), does=f"reads {tilde(path)}")
    elif key in GIT:
        yield Act(key=name, value="\0".join(words), does=f"passes {clean(' '.join(words), 120)} to git")
    elif key in WRITES:
        yield from _outside(name, expand(words[0], source.origin.file.parent), source.origin.file)


def _outside(name: str, path: Path, file: Path) -> Iterator[Act]:
    """Yield what writes outside of the folder of the configuration: what lies there came with it."""
    resolved, folder = path.resolve(), file.resolve().parent
    if not resolved.is_relative_to(folder):
        yield Act(key=name, value=str(resolved), does=f"writes {tilde(resolved)}")


def _sends(values: Mapping[str, Any], above: Key, source: SourceSettings, sent: Sent | None) -> Iterator[Act]:
    """Yield where a secret of the person's is sent that its source does not send it to by itself."""
    if sent is None:
        return
    addresses = [((*above, "base_url"), values.get("base_url"))]
    auth = values.get(AUTH)
    addresses += [((*above, AUTH, key), auth.get(key)) for key in sorted(SENDS)] if isinstance(auth, dict) else []
    for key, address in addresses:
        if isinstance(address, str) and source.origin.is_of_file(key) and not _is_known(address, sent.default):
            where = clean(urlsplit(address).netloc or address, 80)
            yield Act(
                key=".".join(key), value=f"{sent.place}\0{address}", does=f"sends the secret of {sent.place} to {where}"
            )


def _is_known(address: str, default: str) -> bool:
    """Whether a secret leaves nothing new: the source's own address, or this machine."""
    try:
        there = origin(address)
    except RedirectRefused:
        # A path is below another address, which is looked at itself. What is no address at all is refused elsewhere.
        return address.startswith("/") and not address.startswith("//")
    return is_loopback(there[1]) or (bool(default) and there == origin(default))

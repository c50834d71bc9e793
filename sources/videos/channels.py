"""The channel files: one TOML file per channel, owned by the user. This module reads them and never writes."""

import re
import stat
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Meta

from engine.common.errors import UsageError

LARGEST: Final = 1 << 20
"""Bytes of a channel file at most; a larger file is broken."""
MOST_INDEX: Final = 10**9
_TABS: Final = re.compile(r"/(?:@[^/]+|(?:channel|c|user)/[^/]+)/?")
_YOUTUBE: Final = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_MISSING: Final = re.compile(r"Object missing required field `(.+?)`")

Link = Annotated[
    str, Meta(pattern=r"^(https?://[^\s/@?#]+([/?#][^\s\x00-\x1f\x7f]*)?|[/@][^\s\x00-\x1f\x7f]*)\Z", max_length=2000)
]


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a channel file. Unknown keys belong to other programs and are ignored."""

    link: Link
    """Address of a channel, a playlist or a feed; a path such as "@name" is below the source's base_url."""
    target_folder: Annotated[str, Meta(min_length=1)]
    max_height: Annotated[int, Meta(ge=1, le=100_000)] = 1080
    last_download_index: Annotated[int, Meta(ge=0, le=MOST_INDEX)] = 0
    last_video: str | int = ""
    mode: Literal["channel", "playlist"] | None = None
    feed: bool | Link = True
    """The feed's address; false for no feed, true for the one that follows from the link."""

    def address(self, base_url: str) -> str:
        """Return the address to list.

        For a YouTube channel that is its videos tab; the channel itself is a list of tabs.
        """
        link = self.link if self.link.startswith("http") else f"{base_url}/{self.link.lstrip('/')}"
        parts = urlsplit(link)
        if parts.hostname in _YOUTUBE and _TABS.fullmatch(parts.path):
            return f"{link.partition('?')[0].rstrip('/')}/videos"
        return link

    @property
    def whole(self) -> bool:
        """Whether to read the whole list each time: a playlist may grow anywhere."""
        parts = urlsplit(self.link)
        listed = "list" in parse_qs(parts.query) or parts.path.rstrip("/").endswith("/playlist")
        return self.mode == "playlist" or (self.mode is None and listed)


@dataclass(frozen=True, slots=True)
class Broken:
    """A channel file that cannot be used."""

    file: Path
    why: str
    lasting: bool
    """Whether its content is wrong, so that reading it again would not help."""


@dataclass(frozen=True, slots=True)
class Channels:
    """The files of a folder; the usable ones by file name."""

    good: Mapping[str, Channel]
    broken: Sequence[Broken]


def read_channels(folder: Path, only: Collection[str] = ()) -> Channels:
    """Read every `*.toml` directly in a folder, or only those named, sorted by name.

    Raises:
        UsageError: the folder or a named file does not exist or cannot be read.
    """
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == ".toml" and not each.name.startswith("."))
    except OSError as error:
        way = "create it, with one TOML file for each channel"
        raise UsageError(f"videos: channels_dir {folder}: {error.strerror}: {way} (see docs/sources.md)") from error
    if missing := sorted(set(only) - {file.name for file in files}):
        raise UsageError(f"videos: {folder} has no file {missing[0]}: name one of its *.toml files")
    read = {file: read_channel(file) for file in files if not only or file.name in only}
    return Channels(
        good={file.name: one for file, one in read.items() if isinstance(one, Channel)},
        broken=[one for one in read.values() if isinstance(one, Broken)],
    )


def read_channel(file: Path) -> Channel | Broken:
    try:
        file.name.encode()
        found = file.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            return Broken(file, f"is no file of up to {LARGEST // 2**20} MiB", lasting=True)
        return msgspec.convert(tomllib.loads(file.read_bytes().decode()), Channel)
    except OSError as error:
        return Broken(file, f"cannot be read: {error.strerror}", lasting=False)
    except UnicodeError:
        return Broken(file, "its name or content is not UTF-8", lasting=True)
    except tomllib.TOMLDecodeError as error:
        return Broken(file, f"is no TOML: {str(error)[:120]}", lasting=True)
    except (msgspec.ValidationError, RecursionError) as error:
        return Broken(file, _why(str(error)), lasting=True)


def _why(message: str) -> str:
    """Turn a message of msgspec into one that names the key first."""
    if missing := _MISSING.match(message):
        return f"{missing[1]} is missing"
    what, _, where = message.partition(" - at `$.")
    if where.startswith(("link", "feed")) and "regex" in what:
        what = "want an http(s) address, or a path such as @name"
    return f"{where.rstrip('`')}: {what}" if where else what[:120]

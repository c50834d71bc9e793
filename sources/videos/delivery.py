"""From rows to files: `.link` files for the downloader, and the progress in each channel's file.

The progress in the channel's file, `last_download_index`, is the done mark: every row with a higher number has no
`.link` file yet. So files are derived from rows only, first the `.link` files, then the progress. After a crash in
between, the same `.link` files are written again and none is lost.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from engine.common.atomic_file import replace_file, write_each
from engine.common.private_files import make_folder
from engine.model.capabilities import Stored
from sources.common.file_names import is_reserved
from sources.videos.channels import Broken, Channel, Channels, read_channel

GONE_RUNS: Final = 3
"""Runs in a row that must find a channel gone before its file is set aside: sites have bad days."""
_LARGEST_LINK: Final = 4 << 20
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")


class Delivery:
    """Writes into two folders of the user: the queue, and the folder of the channel files."""

    def __init__(self, *, folder: Path, queue: Path, cookies: Path | None) -> None:
        self._folder = folder
        self._queue = queue
        self._cookies = str(cookies) if cookies else None

    def run(self, channels: Channels, stored: Stored, since: float) -> Sequence[str]:
        """Write files for the stored rows and set broken channel files aside; return the problems."""
        problems = [problem for one in channels.broken if (problem := _report(one))]
        for row in stored.select("channel"):
            if row["path"] not in channels.good:
                continue
            try:
                problems += self._channel(self._folder / row["path"], row, stored, since)
            except (OSError, TOMLKitError) as error:
                why = error.strerror if isinstance(error, OSError) else str(error)
                problems.append(f"{row['path']}: its new videos cannot be delivered: {why}: the next run tries again")
        return problems

    def _channel(self, file: Path, row: Mapping[str, Any], stored: Stored, since: float) -> list[str]:
        if not file.exists():
            return []
        if (row["gone"] or 0) >= GONE_RUNS:
            return [_set_aside(file, f"{row['link']} is gone")] if row["changed_at"] >= since else []
        channel = read_channel(file)
        if isinstance(channel, Broken):
            return [_report(channel)]
        if (row["last_index"] or 0) > channel.last_download_index:
            self._links(channel, row["path"], stored)
            write_progress(file, row["last_index"], row["last_video"])
        return []

    def _links(self, channel: Channel, path: str, stored: Stored) -> None:
        def link_files() -> Iterator[tuple[str, bytes]]:
            for video in stored.select("video", {"channel": path}, above=("my_index", channel.last_download_index)):
                entry = link_entry(video, channel, self._cookies)
                file = link_file(self._queue, video["id"], entry)  # looks at the files written before
                yield file.name, msgspec.json.format(msgspec.json.encode(entry))

        make_folder(self._queue)
        write_each(self._queue, link_files())


def link_entry(video: Mapping[str, Any], channel: Channel, cookies: str | None) -> dict[str, Any]:
    """Return the content of a `.link` file: the flat entry, and what the downloader needs."""
    return {
        **msgspec.json.decode(video["raw"]),
        "my_index": video["my_index"],
        "my_title": video["my_title"],
        "max_height": channel.max_height,
        "cookies_file": cookies,
        "target_folder": channel.target_folder,
        "channel_file": video["channel"],
    }


def link_file(queue: Path, id: str, entry: Mapping[str, Any]) -> Path:
    """Return the path of a video's file, named by the first 20 characters of its id, made safe.

    If another video has that name, a digest tells the two apart.
    """
    name = _UNSAFE.sub("_", id[:20])
    if not name or is_reserved(name):
        name = f"_{name}"
    file = queue / f"{name}.link"
    if not _belongs_to_another(file, entry):
        return file
    digest = blake2b(f"{entry['channel_file']}\0{id}".encode(), digest_size=6).hexdigest()
    return queue / f"{name}-{digest}.link"


def write_progress(file: Path, last_index: int, last_video: str) -> None:
    """Write a channel's progress into its file: two values change and everything else stays, comments included.

    Raises:
        OSError: the file cannot be written.
        TOMLKitError: the file is no longer TOML.
    """
    document = tomlkit.parse(file.read_bytes().decode())
    document["last_download_index"] = last_index
    document["last_video"] = last_video
    replace_file(file, tomlkit.dumps(document).encode())


def _belongs_to_another(file: Path, entry: Mapping[str, Any]) -> bool:
    if file.is_symlink() or not file.is_file() or file.stat().st_size > _LARGEST_LINK:
        return False
    try:
        there = msgspec.json.decode(file.read_bytes(), type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    same_channel = there.get("channel_file", entry["channel_file"]) == entry["channel_file"]
    return not (same_channel and there.get("id") == entry["id"])


def _report(broken: Broken) -> str:
    """Report a broken file, and set it aside if its content is wrong; "" if it no longer exists."""
    if not broken.lasting:
        return f"{broken.file.name}: {broken.why}"
    return _set_aside(broken.file, broken.why) if broken.file.exists() else ""


def _set_aside(file: Path, why: str) -> str:
    target = file.with_name(f"{file.name}.broken")
    number = 1
    while target.exists():
        number += 1
        target = file.with_name(f"{file.name}.{number}.broken")
    try:
        file.rename(target)
    except OSError as error:
        return f"{file.name}: {why}; it cannot be set aside: {error.strerror}"
    return f"{file.name}: {why}; it is now {target.name}: put it right and name it back"

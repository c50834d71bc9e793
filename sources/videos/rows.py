"""The tables of the videos source, and which entries of a listing are new. Pure.

Numbers (`my_index`) grow with time, so the newest video has the highest. A channel's progress is therefore one number,
and it cannot end up at the oldest of the new videos.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.model.source import Column, Record, Table
from sources.common.json_values import Row, epoch, integer, real, text

_LONGEST_TITLE: Final = 150
"""Bytes of UTF-8: a file name may have 255, and the downloader adds to it."""
_UNUSABLE: Final = re.compile(r'[/\\:*?"<>|]')

CHANNEL: Final = Table(
    "channel",
    (
        Column("path"),
        Column("link"),
        Column("title"),
        Column("upstream_id"),
        Column("last_index", "integer"),
        Column("last_video"),
        Column("gone", "integer"),
    ),
    ("path",),
)
VIDEO: Final = Table(
    "video",
    (
        Column("channel"),
        Column("id"),
        Column("my_index", "integer"),
        Column("my_title"),
        Column("title"),
        Column("url"),
        Column("extractor"),
        Column("duration", "real"),
        Column("view_count", "integer"),
        Column("published_at"),
    ),
    ("channel", "id"),
)
TABLES: Final = (CHANNEL, VIDEO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known of a channel before a listing."""

    listed: bool
    """Whether its videos are in the database. If not, only its file shows where an earlier program stopped."""
    last_index: int
    last_video: str
    known: Mapping[str, Mapping[str, Any]]
    """The stored rows of the videos listed now, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a listing adds."""

    records: Sequence[Record]
    new: int
    last_index: int
    last_video: str
    guessed: bool
    """`last_video` is no longer listed, so `last_download_index` decided which videos are new."""


def news(path: str, entries: Mapping[str, Row], before: Before) -> News:
    """Find and number the new videos of a listing. `entries` is by id, oldest first."""
    ids = list(entries)
    unknown = [id for id in ids if id not in before.known]
    guessed = False
    if not before.listed and (before.last_video or before.last_index):
        guessed = before.last_video not in entries
        seen = before.last_index if guessed else ids.index(before.last_video) + 1
        unknown = [id for id in ids[seen:] if id not in before.known]
    numbers = {id: before.last_index + place for place, id in enumerate(unknown, start=1)}
    records = [_video(path, id, row, numbers.get(id), before.known.get(id)) for id, row in entries.items()]
    return News(
        records=records,
        new=len(numbers),
        last_index=before.last_index + len(numbers),
        last_video=unknown[-1] if unknown else before.last_video,
        guessed=guessed,
    )


def file_title(index: int, title: str) -> str:
    """Return a title that is safe in a file name, with its number in front."""
    printable = "".join(each for each in title if unicodedata.category(each)[0] != "C")
    words = " ".join(_UNUSABLE.sub("_", printable).split()).strip(". ")
    return f"{index:04} {words.encode()[:_LONGEST_TITLE].decode(errors='ignore')}".strip()


def _video(path: str, id: str, row: Row, index: int | None, stored: Mapping[str, Any] | None) -> Record:
    value = row.value
    title = text(value, "title")
    my_title = None if index is None else file_title(index, title or id)
    if stored is not None:
        index, my_title = stored["my_index"], stored["my_title"]
    return Record(
        table="video",
        data={
            "channel": path,
            "id": id,
            "my_index": index,
            "my_title": my_title,
            "title": title,
            "url": text(value, "url"),
            "extractor": text(value, "ie_key") or text(value, "extractor_key"),
            "duration": real(value, "duration"),
            "view_count": integer(value, "view_count"),
            "published_at": epoch(value, "timestamp"),
        },
        raw=row.raw,
    )

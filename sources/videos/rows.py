"""The tables of the videos source, and which entries of a listing are new. Pure.

Numbers (`my_index`) grow with time: the newest video has the highest. So a channel's progress is one number, and it
cannot end at the oldest of what was new.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from engine.model.source import Column, Record, Table
from sources.common.json_values import Row, epoch, integer, real, text

_LONGEST_TITLE: Final = 150
"""Bytes of UTF-8: a file name has 255, and the downloader adds to it."""
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
    """Whether its videos are in the database; else only its file tells where an earlier program was."""
    last_index: int
    last_video: str
    known: Mapping[str, Mapping[str, Any]]
    """The rows of those listed now that are stored already, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a listing brings."""

    records: Sequence[Record]
    new: int
    last_index: int
    last_video: str
    guessed: bool
    """The last video of the channel's file is listed no more, so the number of videos told which are new."""


def news(path: str, entries: Mapping[str, Row], before: Before) -> News:
    """Find and number what is new in a listing; `entries` by id, the oldest first."""
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
    """Return a title that may stand in a file name, with its number in front."""
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

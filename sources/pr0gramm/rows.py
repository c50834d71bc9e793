"""The tables of the pr0gramm source, and the rows of its responses. The API is unversioned: any column may be null."""

from collections.abc import Iterator
from typing import Any, Final

from engine.model.source import Column, Record, Table
from sources.common.columns import integers, texts
from sources.common.json_values import Row, epoch, integer, members, real, text

_ITEM_INTEGERS: Final = ("id", "promoted", "up", "down", "width", "height", "audio", "flags", "mark", "deleted", "gift")
_ITEM_TEXTS: Final = ("image", "thumb", "fullsize", "source")

TABLES: Final = (
    Table(
        "item",
        integers(*_ITEM_INTEGERS, "user_id", "detailed_votes") + texts(*_ITEM_TEXTS, "user_name", "created_at"),
        ("id",),
    ),
    Table("tag", (*integers("id"), *texts("tag")), ("id",)),
    Table("item_tag", (*integers("item_id", "tag_id"), Column("confidence", "real")), ("item_id", "tag_id")),
    Table(
        "comment",
        (
            *integers("id", "item_id", "parent_id", "up", "down", "mark"),
            Column("confidence", "real"),
            *texts("content", "user_name", "created_at"),
        ),
        ("id",),
    ),
)


def item(row: Row) -> Record | None:
    """Return the row of an item of `items/get`; None where it has no usable id."""
    value = row.value
    if not _is_id(integer(value, "id")):
        return None
    data: dict[str, Any] = {name: integer(value, name) for name in _ITEM_INTEGERS}
    data |= {name: text(value, name) for name in _ITEM_TEXTS}
    data |= {
        "user_id": integer(value, "userId"),
        "user_name": text(value, "user"),
        "created_at": epoch(value, "created"),
    }
    return Record(table="item", data=data, raw=row.raw)


def details(item_id: int, answer: Row) -> Iterator[Record]:
    """Yield the tags and comments of `items/info`. Those without a usable id are skipped."""
    for row in members(answer.value, "tags", answer.raw):
        yield from _tag(item_id, row)
    for row in members(answer.value, "comments", answer.raw):
        yield from _comment(item_id, row)


def _tag(item_id: int, row: Row) -> Iterator[Record]:
    tag_id = integer(row.value, "id")
    if _is_id(tag_id):
        link = {"item_id": item_id, "tag_id": tag_id, "confidence": real(row.value, "confidence")}
        yield Record(table="tag", data={"id": tag_id, "tag": text(row.value, "tag")}, raw=row.raw)
        yield Record(table="item_tag", data=link, raw=row.raw)


def _comment(item_id: int, row: Row) -> Iterator[Record]:
    """Yield a comment. Parent 0 means top level; a parent may be missing from the list because it was deleted."""
    value = row.value
    comment_id = integer(value, "id")
    if _is_id(comment_id):
        data: dict[str, Any] = {
            "id": comment_id,
            "item_id": item_id,
            "parent_id": integer(value, "parent") or None,
            "up": integer(value, "up"),
            "down": integer(value, "down"),
            "mark": integer(value, "mark"),
            "confidence": real(value, "confidence"),
            "content": text(value, "content"),
            "user_name": text(value, "name"),
            "created_at": epoch(value, "created"),
        }
        yield Record(table="comment", data=data, raw=row.raw)


def _is_id(value: int | None) -> bool:
    return value is not None and value > 0

"""Objects in pr0gramm's JSON, in the shape of recorded responses and of the official app's types."""

import time
from functools import lru_cache
from typing import Any

from simulator.pr0gramm.world import Comment, Item, Tag

_DAY = 86_400


def item_shape(item: Item) -> dict[str, Any]:
    """Write an item. As in recordings, some have no size and some no `audio`."""
    dice = item.dice
    path = f"{_folder(item.created // _DAY)}/{dice:016x}"
    image = f"{path}.{'mp4' if item.video else 'jpg'}"
    shape: dict[str, Any] = {
        "id": item.id,
        "promoted": item.promoted,
        "userId": item.user_id,
        "up": item.up,
        "down": item.down,
        "created": item.created,
        "image": image,
        "thumb": f"{path}.jpg",
        "fullsize": "" if item.video or dice % 3 else f"{path}.png",
        "source": "" if dice % 5 else f"https://example.org/{dice % 9999}?a=1&b=2",
        "flags": item.flags,
        "user": item.user,
        "mark": dice % 11,
        "deleted": 0,
        "gift": 0,
    }
    if dice % 7:
        shape |= {"width": 320 + dice % 1600, "height": 240 + dice % 900}
    if dice % 13:
        shape["audio"] = item.video and dice % 4 != 0
    if item.video:
        names = ("h264", "vp9", "vp9m", "vp9s")
        shape["variants"] = [{"name": name, "path": f"{path}-{name}.mp4"} for name in names[: 1 + dice % 4]]
        shape["subtitles"] = [{"language": "de", "path": f"{path}-de.vtt"}] if dice % 17 == 0 else []
    return shape


def comment_shape(comment: Comment) -> dict[str, Any]:
    votes = comment.up + comment.down + 1
    return {
        "id": comment.id,
        "parent": comment.parent,
        "content": comment.content,
        "created": comment.created,
        "up": comment.up,
        "down": comment.down,
        "confidence": round(comment.up / votes, 6),
        "name": comment.name,
        "mark": comment.id % 11,
    }


def tag_shape(tag: Tag) -> dict[str, Any]:
    return {"id": tag.id, "confidence": tag.confidence, "tag": tag.tag}


@lru_cache(maxsize=1024)
def _folder(day: int) -> str:
    return time.strftime("%Y/%m/%d", time.gmtime(day * _DAY))

"""The coverage map of videos: one part per channel file."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.common.json_values import text
from sources.videos.channels import Channels
from sources.videos.delivery import GONE_RUNS


def parts(reader: CoverageReader, channels: Channels) -> Iterator[Part]:
    """Yield the channels, then the broken files."""
    stored = {row["path"]: row for row in reader.rows("channel", ("path", "title", "last_index", "gone"))}
    counts = reader.counts("video", "channel")
    unfinished = reader.by_part(lambda request: text(request.context, "channel") or "")
    now = reader.memory.started.timestamp()
    for path in channels.good:
        looks = [when for kind in ("feed", "list") if (when := reader.landed(f"{kind} {path}")) is not None]
        part = Part(
            key=path,
            name=path.removesuffix(".toml"),
            state=PartState.MISSING,
            detail="not listed yet",
            rows=counts.get(path, 0),
            updated=max(looks, default=None),
        )
        yield _known(part, stored.get(path)).aging(now).with_open_requests(unfinished.get(path, ()))
    for one in channels.broken:
        name = one.file.name.removesuffix(".toml")
        yield Part(key=one.file.name, name=name, state=PartState.FAILED, detail=one.why, fillable=False)


def refill(key: str, channels: Channels, begin: Iterator[Request]) -> Iterator[Request]:
    """Request what a run would begin the channel with."""
    return (request for request in begin if key in channels.good and request.context.get("channel") == key)


def _known(part: Part, channel: Mapping[str, Any] | None) -> Part:
    if channel is None:
        return part
    gone = channel["gone"] or 0
    title = f"{part.name}  {channel['title']}" if channel["title"] else part.name
    if gone:
        detail = f"not there for {gone} runs; set aside after {GONE_RUNS}"
        return replace(part, name=title, state=PartState.FAILED, detail=detail)
    if channel["last_index"] is None:
        return replace(part, name=title)
    state = PartState.UNKNOWN if part.updated is None else PartState.COMPLETE
    detail = "when it was last looked at is not known" if part.updated is None else ""
    return replace(part, name=title, state=state, detail=detail)

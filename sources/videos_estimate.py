"""What a run over channels would cost: a look at each feed, and a listing where something may be new."""

from collections.abc import Iterable
from typing import Final

from engine.source import Estimate, Memory
from sources.videos_requests import LIST, Requests

_INSIDE: Final = "each as many pages as the site makes of it, which nobody tells beforehand"


def estimate(paths: Iterable[str], requests: Requests, memory: Memory) -> list[Estimate]:
    """Say what each host's feeds cost, then what has to be listed, at least and at most."""
    channels = list(paths)
    feeds = {path: feed for path in channels if (feed := requests.feed(path, memory)) is not None}
    lanes = [feed.resource for feed in feeds.values()]
    found = [_feeds(lane, lanes.count(lane)) for lane in dict.fromkeys(lanes)]
    surely = [path for path in channels if path not in feeds or memory.full or f"recent {path}" not in memory.cursors]
    spared = len(channels) - len(surely)
    words = f"listings: {len(surely):,} of {len(channels):,} channels surely"
    words += f", {spared:,} only where the feed names something new" if spared else ""
    listings = Estimate(
        resource=LIST,
        requests_low=len(surely),
        requests_high=len(channels),
        naive_requests=len(channels),
        timed=False,
        why=f"{words}; {_INSIDE}",
    )
    return [*found, listings]


def _feeds(lane: str, many: int) -> Estimate:
    """Count a look at each: the plain client has no use for feeds."""
    words = "1 feed, asked" if many == 1 else f"{many:,} feeds, each asked"
    return Estimate(
        resource=lane, requests_low=many, requests_high=many, naive_requests=0, why=f"{words} whether it changed"
    )

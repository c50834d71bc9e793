"""What a run over channels would cost: one request per feed, and a listing where something may be new."""

from collections.abc import Iterable
from typing import Final

from engine.model.capabilities import Estimate
from engine.model.source import Memory
from sources.videos.requests import Requests

_INSIDE: Final = "each as many pages as the site makes of it, which nobody tells beforehand"


def estimate(paths: Iterable[str], requests: Requests, memory: Memory) -> list[Estimate]:
    """Estimate each host's feeds, then each site's listings, at least and at most."""
    channels = list(paths)
    feeds = {path: feed for path in channels if (feed := requests.feed(path, memory)) is not None}
    lanes = [feed.resource for feed in feeds.values()]
    surely = {path for path in channels if path not in feeds or memory.full or f"recent {path}" not in memory.cursors}
    sites: dict[str, list[bool]] = {}
    for path in channels:
        sites.setdefault(requests.listing(path, memory).resource, []).append(path in surely)
    found = [_feeds(lane, lanes.count(lane)) for lane in dict.fromkeys(lanes)]
    return [*found, *(_listings(site, sum(sure), len(sure)) for site, sure in sites.items())]


def _listings(site: str, surely: int, many: int) -> Estimate:
    """Count one listing per channel at most. A plain client lists them all."""
    words = f"listings: {surely:,} of {many:,} channels surely"
    words += f", {many - surely:,} only where the feed names something new" if surely < many else ""
    return Estimate(
        resource=site,
        requests_low=surely,
        requests_high=many,
        naive_requests=many,
        timed=False,
        why=f"{words}; {_INSIDE}",
    )


def _feeds(lane: str, many: int) -> Estimate:
    """Count one request per feed. A plain client uses no feeds."""
    words = "1 feed, asked" if many == 1 else f"{many:,} feeds, each asked"
    return Estimate(
        resource=lane, requests_low=many, requests_high=many, naive_requests=0, why=f"{words} whether it changed"
    )

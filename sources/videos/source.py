"""videos: new videos of channels and playlists, from any site that yt-dlp can list.

A channel is a TOML file of the user. New videos become rows here; `sources.videos.delivery` writes `.link` files and
the channel's progress from the rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody, LaneError, SourceError, UsageError
from engine.common.text import counted
from engine.model.capabilities import Estimate, Estimator, Stored
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Avoided, Memory, Page, RateBudget, Record, Request, Response, Table
from engine.model.walk import Completeness, WalkEnd
from engine.model.ytdlp import Found, listing_of, refusal_of
from sources.common.json_values import Row, row, text
from sources.videos import coverage
from sources.videos import estimate as estimates
from sources.videos.channels import Channels, read_channels
from sources.videos.delivery import GONE_RUNS, Delivery
from sources.videos.feed import MOST_IDS, ids_in
from sources.videos.options import QUESTIONS, VideosOptions
from sources.videos.requests import LIST, RECENT, Requests, feed_lane, ids_of, joined, site_of, walk_of
from sources.videos.rows import TABLES, Before, news

_GONE: Final = frozenset({404, 410, 415})
_ENDED: Final = {
    "most": "the listing was cut after {count:,} videos",
    "repeats": "the site serves the same videos over and over: the listing ends there",
}

_WHOLE: Final = {
    "end": "the site's list ends there",
    "known": "everything down to the videos that are known was listed",
}


class Videos(Estimator):
    """Lists each channel with yt-dlp, after a look at its feed where it has one."""

    Options = VideosOptions
    questions = QUESTIONS

    name: str = "videos"
    summary: str = "new videos of channels and playlists, by yt-dlp"
    terms: str = (
        "Each site has limits of its own and publishes none. The default is 5 listings of each at the same time; "
        "`delay` makes it slower. A bot check ends the listings of its site."
    )
    headers: Mapping[str, str] = {
        "accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
    }
    auth: Auth | None = None
    tables: Sequence[Table] = TABLES
    retries: int = 3
    """A listing makes many requests itself, so each attempt costs a site more than an attempt of another source."""

    def __init__(self, options: VideosOptions) -> None:
        self._options = options
        self.base_url: str = options.base_url
        folder = options.channels
        self._problem = ""
        self._channels = Channels(good={}, broken=[])
        if folder is None:
            self._problem = "videos: there is nothing to fetch: set channels_dir to a folder of channel files"
        else:
            try:
                self._channels = read_channels(folder, options.only)
            except UsageError as error:
                self._problem = str(error)
        self._requests = Requests(options, self._channels.good)
        self._hosts = self._requests.feed_hosts()
        self.budgets: Sequence[RateBudget] = (
            *(
                RateBudget(
                    apart=True,
                    resource=lane,
                    site=site,
                    requests=1 if options.delay else None,
                    per=options.delay or 60.0,
                    concurrency=options.concurrency,
                )
                for lane, site in self._requests.sites().items()
            ),
            *(
                RateBudget(resource=feed_lane(host), concurrency=4, base_url=host, site=site_of(host))
                for host in self._hosts
            ),
        )

    @classmethod
    def from_files(cls, files: Sequence[Path]) -> Mapping[str, Any]:
        """Return the options that stand for channel files named on the command line.

        Raises:
            UsageError: they are in several folders, whose progress would be mixed.
        """
        folders = sorted({str(file.expanduser().absolute().parent) for file in files})
        if len(folders) > 1:
            raise UsageError(f"videos: channel files of one folder at a time: {folders[0]} or {folders[1]}")
        return {"channels_dir": folders[0], "only": sorted({file.name for file in files})}

    @property
    def ytdlp(self) -> Mapping[str, Any]:
        """Arguments of the yt-dlp transport."""
        return {"cookies_file": self._options.cookies, "total_timeout": self._options.listing_timeout}

    def scope(self) -> str:
        """Return the folder and every lane: a resumed run must find the lanes its requests belong to."""
        only = [f"only={','.join(sorted(self._options.only))}"] if self._options.only else []
        return " ".join([f"channels={self._options.channels}", *only, *self._requests.sites(), *self._hosts])

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Request each channel's feed where it has one, else its listing.

        Raises:
            UsageError: there are no channel files.
        """
        return [self._requests.feed(path, memory) or self._requests.listing(path, memory) for path in self._paths()]

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:  # noqa: ARG002 - no probes
        """Estimate a run's requests: feeds, and listings at least and at most.

        No probe is sent: only a listing shows its own length.

        Raises:
            UsageError: there are no channel files.
        """
        return estimates.estimate(self._paths(), self._requests, memory)

    def _paths(self) -> Iterable[str]:
        if self._problem:
            raise UsageError(self._problem)
        if not self._channels.good and not self._channels.broken:
            raise UsageError(f"videos: {self._options.channels} has no *.toml file: create one for each channel")
        return self._channels.good

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return the coverage of each channel."""
        return coverage.parts(reader, self._channels)

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Request one channel's feed or listing."""
        return coverage.refill(key, self._channels, iter(self.seed(reader.memory)))

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept any refusal of a feed, as a reason to list. Of a listing, accept refusals about the channel itself."""
        if request.route != LIST:
            return response.status >= 400
        return response.status in {401, *_GONE} or refusal_of(response).problem in {"bot", "cookies"}

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn a feed into a listing request, or nothing; and a listing into rows.

        Raises:
            BadBody: it is no listing, or a login is needed.
            LaneError: the site checks for bots, which ends its listings.
            SourceError: the cookies cannot be used.
        """
        path = text(request.context, "channel") or ""
        if path not in self._channels.good:
            return Page(note="its channel file is gone: nothing of it is kept")
        if request.route != LIST:
            return self._fed(path, response, memory)
        if response.status != 200:
            return self._refused(path, response, memory)
        return self._listed(path, request, response, memory)

    def deliver(self, stored: Stored, since: float) -> Sequence[str]:
        """Write `.link` files and the channels' progress, and set broken files aside."""
        folder, queue = self._options.channels, self._options.queue
        if folder is None or queue is None:
            return ()
        return Delivery(folder=folder, queue=queue, cookies=self._options.cookies).run(self._channels, stored, since)

    def _fed(self, path: str, response: Response, memory: Memory) -> Page:
        """List a channel only if its feed names videos that are not stored and were not asked for before."""
        ids = ids_in(response.body) if response.status == 200 else None
        if ids is None:
            what = f"its feed answers {response.status}" if response.status != 200 else "its feed is none"
            return Page(more=[self._requests.listing(path, memory)], note=f"{what}: listed instead")
        stored = memory.rows("video", [(path, id) for id in ids])
        asked_for = set(ids_of(memory, f"asked {path}"))
        missing = [id for id in ids if (path, id) not in stored and id not in asked_for]
        if missing or memory.full or f"recent {path}" not in memory.cursors:
            return Page(more=[self._requests.listing(path, memory, missing)])
        return Page(avoided=[Avoided(1, "listings, for the feed has nothing new")])

    def _refused(self, path: str, response: Response, memory: Memory) -> Page:
        refusal = refusal_of(response)
        if refusal.problem == "bot":
            way = "wait some hours, set a delay, or set cookies_file to the cookies of a browser that is logged in"
            raise LaneError(f"videos: {path}: its site checks for bots ({refusal.message}): {way}")
        if refusal.problem == "cookies":
            raise SourceError(f"videos: cookies_file {self._options.cookies} is no file of cookies: export it again")
        if response.status not in _GONE:
            raise BadBody(f"{path}: {refusal.message}: it may need cookies_file")
        stored = memory.rows("channel", [(path,)]).get((path,), {})
        runs = (stored.get("gone") or 0) + 1
        data = {"path": path, "link": self._channels.good[path].link, "gone": runs}
        left = f"after {GONE_RUNS} runs like this its file is set aside, this is number {runs}"
        raw = (stored.get("raw") or "").encode()
        return Page(
            records=[Record(table="channel", data=data, raw=raw)],
            note=f"{refusal.message}: {left}",
            ends=[_end(path, Completeness.CUT, refusal.message)],
        )

    def _listed(self, path: str, request: Request, response: Response, memory: Memory) -> Page:
        found = response.json(Found)
        entries = _entries(found, response.url)
        channel = self._channels.good[path]
        listed = list(entries)
        if not channel.whole:
            entries = dict(reversed(entries.items()))
        brought = news(path, entries, self._before(path, listed, memory))
        facts = {"title": found.title, "upstream_id": found.channel_id, "extractor": found.extractor}
        record = Record(
            table="channel",
            data={
                "path": path,
                "link": channel.link,
                "title": found.title,
                "upstream_id": found.channel_id,
                "last_index": brought.last_index,
                "last_video": brought.last_video,
                "gone": 0,
            },
            raw=msgspec.json.encode(facts),
        )
        asked_for = [*request.context.get("missing", ()), *ids_of(memory, f"asked {path}")]
        cursors = {f"recent {path}": joined([*listed, *ids_of(memory, f"recent {path}")], RECENT)}
        if asked_for:
            cursors[f"asked {path}"] = joined(asked_for, MOST_IDS)
        if found.channel_id:
            cursors[f"channel_id {listing_of(request).link}"] = found.channel_id
        return Page(
            records=[record, *brought.records],
            cursors=cursors,
            note=_note(found, brought.new, brought.guessed),
            ends=[_ended(path, found)],
        )

    def _before(self, path: str, ids: Sequence[str], memory: Memory) -> Before:
        channel = self._channels.good[path]
        stored = memory.rows("channel", [(path,)]).get((path,), {})
        known = memory.rows("video", [(path, id) for id in ids])
        last_index = stored.get("last_index")
        return Before(
            listed=last_index is not None,
            last_index=max(last_index or 0, channel.last_download_index),
            last_video=stored.get("last_video") or str(channel.last_video),
            known={str(key[1]): value for key, value in known.items()},
        )


def _entries(found: Found, where: str) -> dict[str, Row]:
    """Return the entries by id, in order; entries without an id are skipped."""
    rows = [row(raw, where) for raw in found.entries]
    return {id: each for each in rows if (id := text(each.value, "id"))}


def _ended(path: str, found: Found) -> WalkEnd:
    """Return the end of a listing: whole, up to what is known, or cut by a guard that nobody wrote."""
    if found.ended in _ENDED:
        return _end(path, Completeness.CUT, _ENDED[found.ended].format(count=len(found.entries)))
    return _end(path, Completeness.WHOLE, _WHOLE[found.ended])


def _end(path: str, completeness: Completeness, reason: str) -> WalkEnd:
    return WalkEnd(walk=walk_of(path), part=path, completeness=completeness, reason=reason)


def _note(found: Found, new: int, guessed: bool) -> str:
    parts = [counted(new, "new video")] if new else []
    if guessed:
        parts.append("last_video is not listed: last_download_index told which are new")
    if found.ended in _ENDED:
        parts.append(_ENDED[found.ended].format(count=len(found.entries)))
    return "; ".join(parts)

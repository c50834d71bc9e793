"""Anime franchises: discovered over AniList's relations, with gaps filled from Jikan (MyAnimeList).

Facts and limits: https://docs.anilist.co/guide/rate-limiting and https://docs.api.jikan.moe
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

import msgspec

from engine.common.errors import BadBody
from engine.model.capabilities import Estimate, Estimator
from engine.model.coverage import CoverageReader, Part
from engine.model.source import Auth, Avoided, Memory, Page, RateBudget, Record, Request, Response, Table
from engine.model.walk import Completeness, WalkEnd
from sources.anime import anilist, coverage
from sources.anime import estimate as estimates
from sources.anime.anilist import best, complaint, entries
from sources.anime.franchise import records
from sources.anime.freshness import DETAILS, FRANCHISE, RELATIONS, Found, Stored, cursor, recall
from sources.anime.jikan import Asked, answer, ask, document, fill
from sources.anime.options import QUESTIONS, AnimeOptions
from sources.anime.queries import BATCH, by_ids, by_title
from sources.anime.tables import TABLES
from sources.anime.traversal import Rules, Walk
from sources.anime.web_address import options_of
from sources.common.json_values import Row, stamp

TOGETHER: Final = "entries asked for together"
_HEADERS: Final = {"accept": "application/json"}


@dataclass(slots=True)
class _Landing:
    """What one response adds, collected entry by entry."""

    records: list[Record] = field(default_factory=list)
    asks: list[Request] = field(default_factory=list)
    whole: int = 0
    unexpired: int = 0

    def avoided(self) -> list[Avoided]:
        found = (Avoided(self.whole, "AniList lacks nothing"), Avoided(self.unexpired, "Jikan's copy has not expired"))
        return [each for each in found if each.requests]


class Anime(Estimator):
    """Fetches a franchise's entries from AniList in batches of 50, then requests each entry with gaps from Jikan."""

    Options = AnimeOptions
    questions = QUESTIONS

    name: str = "anime"
    summary: str = "anime franchises with all their relations, from AniList and MyAnimeList"
    terms: str = (
        "AniList: 30 requests a minute at present; no hoarding, no mass collection, no commercial use without asking. "
        "Jikan: 3 a second and 60 a minute. The source stays below both and refuses a plan above 1,000 entries."
    )
    headers: Mapping[str, str] = _HEADERS
    auth: Auth | None = None
    tables: Sequence[Table] = TABLES

    def __init__(self, options: AnimeOptions) -> None:
        self._options = options
        self._rules = Rules(
            manga=options.manga,
            other=options.other,
            max_depth=options.depth,
            max_members=options.members,
        )
        self.base_url: str = options.base_url
        mal, places = options.jikan_url, options.concurrency
        self.budgets: Sequence[RateBudget] = (
            # AniList documents 90 requests a minute and grants 30 at present; its headers still claim 90
            # (https://docs.anilist.co/guide/rate-limiting). 25 stay below that, and the spacing below its undocumented
            # burst limit. Jikan documents 3 a second and 60 a minute, yet refuses earlier (jikan-me/jikan-rest#275),
            # hence 1.5 s.
            RateBudget(resource="anilist", requests=25, per=60.0, concurrency=places),
            RateBudget(resource="anilist", requests=1, per=2.0, concurrency=places),
            RateBudget(resource="jikan", requests=60, per=60.0, concurrency=places, base_url=mal),
            RateBudget(resource="jikan", requests=1, per=1.5, concurrency=places, base_url=mal),
        )

    @classmethod
    def from_url(cls, url: str) -> Mapping[str, Any] | None:
        """Return the options that a web page stands for; None for any other address."""
        return options_of(url)

    def scope(self) -> str:
        """Return all options except the pace: other values of them make another harvest."""
        said = msgspec.to_builtins(self._options) | {
            "max_depth": self._options.depth,
            "max_members": self._options.members,
        }
        kept = {key: value for key, value in said.items() if key != "concurrency"}
        return msgspec.json.encode(kept, order="deterministic").decode()

    def seed(self, memory: Memory) -> Iterable[Request]:
        """Begin a walk for each unknown or stale franchise, or refresh the stale entries of a known one.

        Raises:
            UsageError: no franchise is named, or more than AniList's terms allow to collect.
        """
        return [request for name in self._options.names() for request in self._begin(name, memory)]

    def estimate(self, memory: Memory, known: Mapping[str, int]) -> Sequence[Estimate]:  # noqa: ARG002 - no probes
        """Estimate a run's requests from the known franchises and the caps.

        No probe is sent: only a walk finds out how large a franchise is.
        """
        return estimates.estimate(memory, self._options)

    def parts(self, reader: CoverageReader) -> Iterable[Part]:
        """Return how fresh each stage of each franchise is."""
        return coverage.parts(reader, self._options)

    def refill(self, key: str, reader: CoverageReader) -> Iterable[Request]:
        """Request what is stale in one stage of one franchise."""
        name = coverage.name_of(key)
        begin = self._begin(name, reader.memory) if name in self._options.names() else []
        return coverage.refill(key, reader, self._options, begin)

    def accepts(self, request: Request, response: Response) -> bool:
        """Accept a 404 ("not there") from either provider, and AniList's 403, with which it refuses every request."""
        return response.status == 404 or (response.status == 403 and request.resource == "anilist")

    def parse(self, request: Request, response: Response, memory: Memory) -> Page:
        """Turn AniList's entries into rows and the walk's next request, or Jikan's document into a fuller row.

        Raises:
            BadBody: the response is not what was requested.
            SourceError: AniList refuses this client.
        """
        kind = request.context.get("kind")
        try:
            if kind == "mal":
                return self._filled(msgspec.convert(request.context, Asked), response, memory)
            walk = msgspec.convert(request.context, Walk)
        except msgspec.ValidationError as error:
            raise BadBody(f"{request.key}: its context is not one of the anime source: {error}") from error
        found = entries(response)
        if kind == "refresh":
            return self._refreshed(walk, found, response, memory)
        return self._walked(walk, found, response, memory)

    def _begin(self, name: str, memory: Memory) -> list[Request]:
        kind, _, value = name.partition(" ")
        stored, known = Stored(memory), recall(memory, name, self._options.rules())
        walk = Walk(kind="walk", name=name, started=stamp(memory.started))
        if known is None or memory.full:
            return [self._step(walk, [int(value)]) if kind == "id" else self._search(walk, value)]
        if not stored.is_within(known.at, FRANCHISE):
            walk.before = known.members
            return [self._step(walk, [known.root, *(each for each in known.members if each != known.root)][:BATCH])]
        stale = [each for each in known.members if stored.entry(each, DETAILS) is None]
        batches = [stale[first : first + BATCH] for first in range(0, len(stale), BATCH)]
        return [self._step(Walk(kind="refresh", name=name, started=walk.started), batch) for batch in batches]

    def _walked(self, walk: Walk, found: Mapping[int, Row], response: Response, memory: Memory) -> Page:
        walk.requests += 1
        walk.root = walk.root or best(found.values(), walk.name.partition(" ")[2])
        walk.missing += [number for number in walk.asked if number not in found and number not in walk.missing]
        if not walk.root or walk.root in walk.missing:
            forget = {cursor(walk.name, self._options.rules()): ""}
            why = "AniList has no such anime"
            return Page(cursors=forget, note=f"{walk.name}: {why}", ends=[_end(walk, Completeness.CUT, why)])
        landing, stored = _Landing(), Stored(memory)
        # Entries that another walk fetched within the hour are taken from the database, so a round may need no request.
        while wanted := walk.wanted(self._rules):
            known = {number: row for number in wanted if (row := stored.entry(number, RELATIONS))} | dict(found)
            here = [number for number in wanted if number in known]
            for number in here:
                self._take(walk, known[number], landing, stored, None if number not in found else (memory, response))
            if not here:
                return self._onward(walk, wanted, landing, response)
        return self._finished(walk, landing, response)

    def _take(
        self, walk: Walk, row: Row, landing: _Landing, stored: Stored, fetched: tuple[Memory, Response] | None
    ) -> None:
        """Add one entry to its walk. It becomes rows only if it was fetched, not read from the database."""
        plain = anilist.anime(row.value)
        walk.add(anilist.entry(plain), anilist.edges(row.value), self._rules)
        if fetched is not None:
            self._land(plain, row, landing, stored, *fetched)

    def _land(
        self, plain: dict[str, Any], row: Row, landing: _Landing, stored: Stored, memory: Memory, response: Response
    ) -> None:
        mal = plain["id_mal"]
        data = fill(plain, stored.mal(mal) if mal else None)
        landing.records.append(Record(table="anime", data=data, raw=row.raw))
        landing.records.extend(anilist.ext_ids(plain))
        landing.records.append(document("anilist", plain["id"], row, memory, response))
        if not mal or mal < 0 or plain["type"] != "ANIME" or self._options.details == "none":
            return
        if self._options.details == "missing" and not anilist.lacks(plain):
            landing.whole += 1
        elif stored.is_mal_fresh(mal):
            landing.unexpired += 1
        else:
            landing.asks.append(ask(mal, row))

    def _onward(self, walk: Walk, wanted: list[int], landing: _Landing, response: Response) -> Page:
        known, reached = len(walk.entries), len(walk.reach(self._rules.max_depth))
        note = f"{walk.name}: {known} of {reached} related known"
        return Page(
            records=landing.records,
            more=[self._step(walk, wanted), *landing.asks],
            avoided=landing.avoided(),
            note="; ".join(filter(None, (note, complaint(response)))),
        )

    def _finished(self, walk: Walk, landing: _Landing, response: Response) -> Page:
        ids = [each.id for each in walk.members(self._rules.max_depth)]
        saved = len(ids) + walk.name.startswith("title ") - walk.requests
        batched = [Avoided(saved, TOGETHER)] if saved > 0 else []
        cut = " (more are related, the caps leave them out)" if walk.is_cut(self._rules) else ""
        gone = f"; {len(walk.missing)} are not to be had" if walk.missing else ""
        result = Found(at=walk.started, root=walk.root, members=ids)
        return Page(
            records=[*landing.records, *records(walk, self._rules)],
            more=landing.asks,
            cursors={cursor(walk.name, self._options.rules()): msgspec.json.encode(result).decode()},
            avoided=[*landing.avoided(), *batched],
            note="; ".join(filter(None, (f"{walk.name}: {len(ids)} entries{cut}{gone}", complaint(response)))),
            ends=[self._ended(walk)],
        )

    def _ended(self, walk: Walk) -> WalkEnd:
        """Return the end of a walk. A cap that left anybody out bounds it if it was written, and cuts it if not."""
        if not walk.is_cut(self._rules):
            return _end(walk, Completeness.WHOLE, "every related entry was asked for")
        options = self._options
        full = len(walk.entries) >= options.members
        name, bound = ("max_members", options.members) if full else ("max_depth", options.depth)
        written = getattr(options, name) is not None
        reason = f"{name} = {bound} is reached, and more are related"
        if written:
            return _end(walk, Completeness.BOUNDED, reason)
        return _end(walk, Completeness.CUT, f"{reason}: write another bound, or this one to leave them out")

    def _refreshed(self, walk: Walk, found: Mapping[int, Row], response: Response, memory: Memory) -> Page:
        """Make rows of refreshed entries; the members of their franchise stay as they are."""
        landing, stored = _Landing(), Stored(memory)
        for number in walk.asked:
            if number in found:
                self._land(anilist.anime(found[number].value), found[number], landing, stored, memory, response)
        here = sum(number in found for number in walk.asked)
        batched = [Avoided(here - 1, TOGETHER)] if here > 1 else []
        note = f"{walk.name}: {here} of {len(walk.asked)} entries refreshed"
        return Page(records=landing.records, more=landing.asks, avoided=[*landing.avoided(), *batched], note=note)

    def _filled(self, asked: Asked, response: Response, memory: Memory) -> Page:
        found = answer(asked, response)
        records = [document("jikan", asked.mal, found, memory, response)]
        if response.status == 404:
            return Page(records=records, note=f"MyAnimeList has no anime {asked.mal}")
        known = anilist.anime(msgspec.json.decode(asked.media))
        data = fill(known, found.value)
        return Page(records=[*records, Record(table="anime", data=data)])

    def _search(self, walk: Walk, title: str) -> Request:
        return self._ask(walk, walk.name, by_title(title, manga=self._options.manga), "Page.media(search)")

    def _step(self, walk: Walk, ids: list[int]) -> Request:
        """Make the request for a batch. The ids are in its key: a walk never requests the same batch twice."""
        ids = sorted(ids) if walk.root else ids
        walk = msgspec.structs.replace(walk, asked=ids, root=walk.root or ids[0])
        digest = blake2b(repr(sorted(ids)).encode(), digest_size=8).hexdigest()
        query = by_ids(sorted(ids), manga=self._options.manga)
        return self._ask(walk, f"{walk.kind} {walk.name}: {digest}", query, "Page.media(id_in)")

    def _ask(self, walk: Walk, key: str, query: dict[str, Any], route: str) -> Request:
        return Request(
            key=key,
            url="/",
            method="POST",
            json=query,
            resource="anilist",
            route=route,
            context=msgspec.json.decode(msgspec.json.encode(walk)),
            page=walk.requests + 1,
            walk=walk_of(walk) if walk.kind == "walk" else "",
            part=coverage.relations_of(walk.name) if walk.kind == "walk" else "",
        )


def walk_of(walk: Walk) -> str:
    return f"relations of {walk.name}"


def _end(walk: Walk, completeness: Completeness, reason: str) -> WalkEnd:
    return WalkEnd(
        walk=walk_of(walk),
        part=coverage.relations_of(walk.name),
        completeness=completeness,
        reason=reason,
        place=f"request {walk.requests}",
    )

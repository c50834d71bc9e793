"""The coverage map of anime: each franchise by stage, because each stage has a freshness of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from engine.model.coverage import CoverageReader, Part, PartState
from engine.model.source import Request
from sources.anime.freshness import DETAILS, FRANCHISE, Found, Stored, recall
from sources.anime.jikan import ask
from sources.anime.options import AnimeOptions
from sources.common.json_values import instant, integer

RELATIONS, ENTRIES, JIKAN = "relations", "entries", "jikan"
_EVER: Final = timedelta(days=36_500)


def parts(reader: CoverageReader, options: AnimeOptions) -> Iterator[Part]:
    """Yield three parts of each franchise: its relations, its entries from AniList, and Jikan's additions."""
    docs = {
        (row["provider"], row["external_id"]): row
        for row in reader.rows("provider_doc", ("provider", "external_id", "fetched_at", "expires_at", "status"))
    }
    mals = {row["id"]: row["id_mal"] for row in reader.rows("anime", ("id", "id_mal"))}
    names = options.names()
    found = {name: recall(reader.memory, name, options.rules()) for name in names}
    owners = {mals.get(member): name for name, one in found.items() if one for member in one.members}
    unfinished = reader.by_part(lambda request: _part_of(request, owners))
    for name in names:
        for part in _stages(name, found[name], reader, docs, mals, options):
            yield part.with_open_requests(unfinished.get(part.key, ()))


def refill(key: str, reader: CoverageReader, options: AnimeOptions, begin: Iterable[Request]) -> Iterator[Request]:
    """Request what is stale. `begin` holds the requests with which a run would begin on the franchise."""
    name, _, stage = key.rpartition(": ")
    if stage != JIKAN:
        yield from begin
        return
    found, stored = recall(reader.memory, name, options.rules()), Stored(reader.memory)
    for member in found.members if found else ():
        entry = stored.entry(member, _EVER)
        mal = integer(entry.value, "idMal") if entry else None
        if entry and mal and not stored.is_mal_fresh(mal):
            yield ask(mal, entry)


def relations_of(name: str) -> str:
    """Return the key of the part that a franchise's walk belongs to."""
    return f"{name}: {RELATIONS}"


def name_of(key: str) -> str:
    """Return the franchise that a part belongs to."""
    return key.rpartition(": ")[0]


def _stages(
    name: str,
    found: Found | None,
    reader: CoverageReader,
    docs: Mapping[tuple[str, str], Mapping[str, Any]],
    mals: Mapping[int, int | None],
    options: AnimeOptions,
) -> Iterator[Part]:
    missing = Part(key=relations_of(name), name=f"{name} {RELATIONS}", state=PartState.MISSING, detail="not walked")
    if found is None:
        yield missing
        return
    stored, now = Stored(reader.memory), reader.memory.started.timestamp()
    fresh = stored.is_within(found.at, FRANCHISE)
    yield Part(
        key=missing.key,
        name=missing.name,
        state=PartState.COMPLETE if fresh else PartState.STALE,
        detail="" if fresh else "older than 24 h",
        rows=len(found.members),
        updated=_seconds(found.at),
    )
    entries = [docs.get(("anilist", str(member))) for member in found.members]
    yield _aged(name, ENTRIES, entries, DETAILS, "6 h", stored)
    if options.details != "none":
        asked = [docs.get(("jikan", str(mals.get(member)))) for member in found.members]
        yield _jikan(name, [one for one in asked if one], stored, now)


def _aged(
    name: str, stage: str, docs: Sequence[Mapping[str, Any] | None], span: timedelta, words: str, stored: Stored
) -> Part:
    """Make the part of a stage: how many of its documents are missing or stale."""
    there = [one for one in docs if one]
    old = sum(not stored.is_within(one["fetched_at"], span) for one in there)
    lost = len(docs) - len(there)
    state = PartState.MISSING if lost else PartState.STALE if old else PartState.COMPLETE
    detail = f"{lost} of {len(docs)} are not there" if lost else f"{old} of {len(docs)} are older than {words}"
    return Part(
        key=f"{name}: {stage}",
        name=f"{name} {stage}",
        state=state,
        detail=detail if lost or old else "",
        rows=len(there),
        updated=min((when for one in there if (when := _seconds(one["fetched_at"])) is not None), default=None),
    )


def _jikan(name: str, docs: Sequence[Mapping[str, Any]], stored: Stored, now: float) -> Part:
    """Make the part of Jikan: how many of its documents have expired.

    No documents means that AniList lacked nothing.
    """

    def old(one: Mapping[str, Any]) -> bool:
        span = FRANCHISE if one["status"] == 404 else DETAILS
        return (_seconds(one["expires_at"]) or 0.0) <= now and not stored.is_within(one["fetched_at"], span)

    many = sum(map(old, docs))
    return Part(
        key=f"{name}: {JIKAN}",
        name=f"{name} {JIKAN}",
        state=PartState.STALE if many else PartState.COMPLETE,
        detail=f"{many} of {len(docs)} have expired" if many else "" if docs else "AniList lacked nothing",
        rows=len(docs),
        updated=min((when for one in docs if (when := _seconds(one["fetched_at"])) is not None), default=None),
        fillable=many > 0,
    )


def _part_of(request: Request, owners: Mapping[int | None, str]) -> str:
    context = request.context
    match context.get("kind"):
        case "walk":
            return f"{context.get('name')}: {RELATIONS}"
        case "refresh":
            return f"{context.get('name')}: {ENTRIES}"
        case "mal":
            owner = owners.get(context.get("mal"))
            return f"{owner}: {JIKAN}" if owner else ""
    return ""


def _seconds(when: str | None) -> float | None:
    moment = instant(when)
    return moment.timestamp() if moment else None

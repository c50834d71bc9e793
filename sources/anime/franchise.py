"""The result of a finished walk: the franchise, its members by category and date, and relations in both directions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from engine.model.source import Record
from sources.anime.anilist import Edge, Entry
from sources.anime.traversal import Rules, Walk

MAIN, SIDE, MOVIE, OVA, OTHER = "main story", "side story", "movie", "ova", "other"
_SERIES: Final = frozenset({"TV", "TV_SHORT", "ONA"})
_STORY: Final = frozenset({"PREQUEL", "SEQUEL"})
_INVERSE: Final = {
    "PREQUEL": "SEQUEL", "SEQUEL": "PREQUEL", "PARENT": "SIDE_STORY", "SIDE_STORY": "PARENT", "SPIN_OFF": "PARENT",
    "SUMMARY": "PARENT", "ALTERNATIVE": "ALTERNATIVE", "CHARACTER": "CHARACTER", "OTHER": "OTHER",
    "COMPILATION": "CONTAINS", "CONTAINS": "COMPILATION", "ADAPTATION": "SOURCE", "SOURCE": "ADAPTATION",
}  # fmt: skip


def records(walk: Walk, rules: Rules) -> Iterator[Record]:
    """Yield the rows of a finished walk: relations, franchise and members. They are committed together."""
    members = walk.members(rules.max_depth)
    ids = {each.id for each in members}
    edges = [edge for edge in walk.edges if edge[0] in ids]
    yield from relations(edges, ids)
    if not members:
        return
    franchise, ordered = members[0].id, by_date(members)
    kinds = categories(members, edges)
    main = next((each for each in ordered if kinds[each.id] == MAIN), ordered[0])
    gone = sorted(set(walk.before) - ids)
    yield _record("franchise", {
        "id": franchise,
        "main_id": main.id,
        "members": len(members),
        "missing": len(walk.missing),
        "whole": int(not walk.missing and not walk.is_cut(rules)),
        "title": main.title,
        "started_on": ordered[0].started_on or None,
    })  # fmt: skip
    for position, each in enumerate(ordered, start=1):
        yield _member(franchise, each.id, position, kinds[each.id], each)
    for number in gone:
        yield _member(franchise, number, None, None, None)


def relations(edges: Iterable[Edge], members: set[int]) -> Iterator[Record]:
    """Yield each relation that AniList states, and its inverse between members where AniList states none."""
    said = dict.fromkeys(edges)
    pairs = {(src, dst) for src, dst, _ in said}
    for src, dst, kind in said:
        yield _record("relation", {"src": src, "dst": dst, "type": kind, "inferred": 0})
        if dst in members and (dst, src) not in pairs and kind in _INVERSE:
            yield _record("relation", {"src": dst, "dst": src, "type": _INVERSE[kind], "inferred": 1})


def by_date(members: Iterable[Entry]) -> Sequence[Entry]:
    # "~" sorts behind every digit and "-".
    """Sort members by start date.

    An unknown day sorts as the last of its month, an unknown month as the last of its year.
    """
    return sorted(members, key=lambda each: ((each.started_on or "9999") + "~", each.id))


def categories(members: Sequence[Entry], edges: Iterable[Edge]) -> Mapping[int, str]:
    """Return each member's category.

    The main story is the chain of prequels and sequels with the most series in it; among equally long chains, the
    oldest. Films and OVAs keep those categories even where they continue the story.
    """
    main = _main_chain(members, edges)
    found = {}
    for each in members:
        match each.format:
            case "MOVIE":
                found[each.id] = MOVIE
            case "OVA" | "SPECIAL":
                found[each.id] = OVA
            case "TV" | "TV_SHORT" | "ONA":
                found[each.id] = MAIN if each.id in main else SIDE
            case _:
                found[each.id] = OTHER
    return found


def _main_chain(members: Sequence[Entry], edges: Iterable[Edge]) -> set[int]:
    # Chains are merged by relabelling all members. A franchise has at most 500 (`max_members`), so that is fast enough.
    leader = {each.id: each.id for each in members}
    for src, dst, kind in edges:
        if kind in _STORY and src in leader and dst in leader:
            old, new = leader[src], leader[dst]
            leader = {number: new if of == old else of for number, of in leader.items()}
    series = Counter(leader[each.id] for each in members if each.format in _SERIES)
    if not series:
        return set()
    longest = max(series.values())
    oldest = next(each for each in by_date(members) if series[leader[each.id]] == longest)
    return {number for number, of in leader.items() if of == leader[oldest.id]}


def _member(franchise: int, number: int, position: int | None, category: str | None, of: Entry | None) -> Record:
    return _record("franchise_member", {
        "franchise_id": franchise,
        "anime_id": number,
        "position": position,
        "current": int(of is not None),
        "category": category,
        "started_on": of.started_on or None if of else None,
    })  # fmt: skip


def _record(table: str, data: dict[str, Any]) -> Record:
    return Record(table=table, data=data, raw=msgspec.json.encode(data))

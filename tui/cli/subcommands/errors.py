"""`fetchdeck errors`: lists requests that failed for good, and the quarantine. It sends no request."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import msgspec

from engine.common.errors import UsageError
from engine.common.text import clean, counted
from engine.model.snapshot import FailedRequest, Failure, Note
from engine.model.walk import WalkEnd
from engine.storage import failed_requests
from engine.storage.earlier_configuration import Earlier, read_earlier
from engine.storage.history import read_history
from engine.storage.notes import read_notes
from engine.storage.quarantine import quarantine_in_file, release_in_file
from engine.storage.walks import read_cut
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.common.times import timestamp
from tui.screens.triage.error_table import trend
from tui.screens.triage.render import tried
from tui.wiring.builder import Wiring

MOST = 200
"""The most kinds of error, and the most cut walks, that are read for each source."""
MOST_NOTES = 1_200
"""The most notes that are read for each source: all, with the sum of those whose texts were dropped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutWalks:
    """The walks of a source that are cut."""

    source: str
    count: int
    walks: Sequence[WalkEnd]
    """The newest of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """The errors of some sources."""

    kinds: Sequence[Failure]
    requests: Sequence[FailedRequest]
    """The newest 500 requests of each kind, if they were asked for."""
    quarantine: Sequence[FailedRequest]
    cut: Sequence[CutWalks] = ()
    """Walks that a source cut. A walk with a failed page is among the requests."""
    notes: Sequence[Note] = ()
    """The notes of the sources, if they were asked for."""
    earlier: Sequence[Failure] = ()
    """The errors of requests that only an earlier configuration asked for. They are not among `kinds`."""


def run(arguments: argparse.Namespace) -> int:
    """Quarantine or release what was named; without that, print the errors."""
    wiring = wiring_for(arguments)
    wiring.check(arguments.sources)
    database = wiring.database
    if arguments.quarantine or arguments.release:
        many = change(database, arguments.sources, arguments.quarantine, arguments.release)
        done = "set aside" if arguments.quarantine else "released"
        print(f"{many:,} requests {done}", file=sys.stderr)  # noqa: T201 -- the command line speaks here
        return Exit.COMPLETE
    found = read(
        database,
        arguments.sources,
        requests=arguments.requests or arguments.json,
        notes=arguments.notes or arguments.json,
        earlier=earlier_of(wiring, arguments.sources),
    )
    if arguments.json:
        sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
    else:
        lines = notes_text(found.notes) if arguments.notes else text(found, time.time())
        sys.stdout.writelines(f"{clean(line, 500)}\n" for line in lines)
    return Exit.COMPLETE


def earlier_of(wiring: Wiring, sources: Sequence[str]) -> Mapping[str, Earlier]:
    """Return what belongs to an earlier configuration, by source. Of a source that is not configured nothing does.

    Raises:
        StoreUnusable: the database cannot be read.
    """
    found: dict[str, Earlier] = {}
    for name in sources or sorted(read_history(wiring.database)):
        try:
            source = wiring.prepare(name).source
        except UsageError:
            continue  # what is wrong with its settings is said by the commands that need them
        found[name] = read_earlier(wiring.database, source)
    return found


def read(
    database: Path,
    sources: Sequence[str],
    *,
    requests: bool,
    notes: bool = False,
    earlier: Mapping[str, Earlier] | None = None,
) -> Errors:
    """Read the failed requests, the cut walks and the notes from the database.

    Raises:
        StoreUnusable: the database cannot be read.
    """
    history = read_history(database)
    wanted = sources or sorted(history)
    if not history:
        return Errors(kinds=(), requests=(), quarantine=())
    earlier = earlier or {}
    kinds, of_earlier = _divided(failed_requests.kinds(database, wanted, MOST), earlier)
    listed = [one for kind in kinds for one in failed_requests.failed(database, kind.source, kind.fingerprint)]
    listed = [one for one in listed if one.source not in earlier or one.id not in earlier[one.source].requests]
    cut_apart = {source: one.cut for source, one in earlier.items()}
    cut = [
        CutWalks(source=source, count=count, walks=walks)
        for source, (walks, count) in read_cut(database, wanted, MOST, cut_apart).items()
        if count
    ]
    return Errors(
        kinds=kinds,
        requests=listed if requests else (),
        quarantine=failed_requests.quarantined(database, wanted),
        cut=cut,
        notes=read_notes(database, wanted, MOST_NOTES) if notes else (),
        earlier=of_earlier,
    )


def _divided(kinds: Sequence[Failure], earlier: Mapping[str, Earlier]) -> tuple[Sequence[Failure], Sequence[Failure]]:
    """Divide kinds of error into those of the present configuration and those of an earlier one, by their requests."""
    present: list[Failure] = []
    before: list[Failure] = []
    many = Counter(kind for one in earlier.values() for kind in one.requests.values())
    for kind in kinds:
        of_before = min(many[kind.fingerprint], kind.count)
        present += [replace(kind, count=kind.count - of_before)] if of_before < kind.count else []
        before += [replace(kind, count=of_before)] if of_before else []
    return present, before


def change(database: Path, sources: Sequence[str], quarantine: str | None, release: str | None) -> int:
    """Quarantine or release a request by its number, a kind of error by its fingerprint, or all of a source.

    Raises:
        UsageError: not exactly one source is named, or it has no such request.
    """
    if len(sources) != 1:
        raise UsageError("name the one source this is about, as in `fetchdeck errors github --quarantine 17`")
    if not database.exists():
        raise UsageError(f"{database} is not there: nothing was harvested yet")
    word = quarantine or release or ""
    change_file = quarantine_in_file if quarantine else release_in_file
    many = change_file(database, sources[0], word)
    if not many:
        raise UsageError(f'{sources[0]} has no such request "{clean(word, 40)}": `fetchdeck errors` lists them')
    return many


def text(found: Errors, now: float) -> Iterator[str]:
    """Write errors as text: a block for each kind, then the cut walks, then the quarantine."""
    if not found.kinds:
        yield "no request failed for good"
    for kind in found.kinds:
        yield from _kind(kind, found.requests, now)
    for cut in found.cut:
        yield f"{cut.source}  {counted(cut.count, 'walk')} cut: what is stored of each is not all of it"
        yield from (f"  {end}" for end in cut.walks)
        if cut.count > len(cut.walks):
            yield f"  and {cut.count - len(cut.walks):,} more"
    for kind in found.earlier:
        what = f"{kind.count:,} x {kind.kind}"
        yield f"{kind.source}  {what} of an earlier configuration, not asked for any more: {kind.sample}"
    if found.quarantine:
        yield f"in quarantine: {len(found.quarantine):,}"
    for one in found.quarantine:
        yield from _request(one)


def _kind(kind: Failure, requests: Sequence[FailedRequest], now: float) -> Iterator[str]:
    yield f"{kind.source}  {kind.count:,} x {kind.kind}: {kind.message}"
    yield f"  kind     {kind.fingerprint}"
    yield f"  first    {timestamp(kind.first, UTC)}, last {timestamp(kind.last, UTC)}"
    drawn = trend(kind, now)
    if drawn.strip():
        yield f"  last 1 h |{drawn}|"
    yield f"  sample   {kind.sample}"
    for one in requests:
        if one.fingerprint == kind.fingerprint:
            yield from _request(one)


def notes_text(notes: Sequence[Note]) -> Iterator[str]:
    """Write notes as text, one line for each."""
    if not notes:
        yield "no notes"
    for note in notes:
        times = f"first {timestamp(note.first, UTC)}, last {timestamp(note.last, UTC)}"
        what = note.text or "others, whose texts were dropped"
        yield f"{note.source}  {note.count:,} x {what}  ({times})"


def _request(one: FailedRequest) -> Iterator[str]:
    yield f"  {one.id:<8} {one.source} {one.status or 'no answer'} {one.what} ({one.attempts} tries): {one.reason}"
    for attempt in one.history:
        yield f"           tried {tried(attempt, UTC)}"
    for line in one.head:
        yield f"           {line}"

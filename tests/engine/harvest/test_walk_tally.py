"""The live count of walks: what a screen sees before the database is counted at the end."""

from engine.harvest.walk_tally import WalkTally
from engine.model.source import Request
from engine.model.walk import NAMED, Completeness, WalkEnd, WalkReport


def end(walk: str, completeness: Completeness) -> WalkEnd:
    return WalkEnd(walk=walk, completeness=completeness, reason="it ended")


def test_a_walk_that_ends_again_counts_once() -> None:
    tally = WalkTally(WalkReport(whole=1))

    tally.ended([(end("a", Completeness.CUT), None)])
    tally.ended([(end("a", Completeness.WHOLE), Completeness.CUT)])

    assert tally.report() == WalkReport(whole=2)


def test_failed_pages_of_one_walk_cut_it_once() -> None:
    tally = WalkTally(WalkReport())

    for number in (1, 2):
        tally.failed(Request(key=f"a {number}", url="/", walk="a", page=number), "502")
    tally.failed(Request(key="b", url="/"), "502")

    report = tally.report()
    assert (report.cut, [one.place for one in report.named]) == (1, ["page 1"])


def test_a_failed_page_cuts_its_walk_once_whether_the_last_page_landed_before_or_after_it() -> None:
    page = Request(key="a 1", url="/", walk="a", page=1)
    first_failed, first_ended = WalkTally(WalkReport()), WalkTally(WalkReport())

    first_failed.failed(page, "502")
    first_failed.ended([(end("a", Completeness.WHOLE), None)])
    first_ended.ended([(end("a", Completeness.WHOLE), None)])
    first_ended.failed(page, "502")

    for tally in (first_failed, first_ended):
        report = tally.report()
        assert (report.whole, report.cut, report.total) == (0, 1, 1)


def test_of_many_cut_walks_the_newest_are_named() -> None:
    tally = WalkTally(WalkReport())

    tally.ended([(end(f"{at}", Completeness.CUT), None) for at in range(NAMED + 3)])

    report = tally.report()
    assert (report.cut, len(report.named), report.named[0].walk) == (NAMED + 3, NAMED, f"{NAMED + 2}")

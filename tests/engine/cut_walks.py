"""What every output says of a harvest with a cut walk: the judge of the tables of cut walks."""

import json

from engine.model.coverage import PartState
from engine.model.source import Source
from engine.storage.coverage_map import coverage_map
from tests.engine.harness import EPOCH, Harvest
from tui.cli.subcommands import errors
from tui.common.exit_codes import Exit, exit_code
from tui.headless.lines import endings
from tui.headless.summary import summarize, to_json
from tui.screens.coverage.render import PARTS
from tui.screens.triage.cut_walks import cut_walks
from tui.widgets import footer, header, sources


def judge(
    harvest: Harvest, source: Source, *, said: str, part: str, state: PartState = PartState.CUT, detail: str = ""
) -> None:
    """Hold every output to a cut.

    `said` is a part of the reason, `part` the key of the part that it belongs to, `detail` what the coverage map says
    of it if that is something else.
    """
    deck = harvest.deck.snapshot()
    (group,) = deck.groups
    assert group.walks.cut

    assert exit_code(deck, interrupted=False) is Exit.FAILED

    summary = json.loads(to_json(summarize(deck, version="1", interrupted=False, rows={}, durations={})))
    told = summary["sources"][source.name]
    assert (summary["exit_code"], told["completeness"], told["walks"]["cut"]) == (1, "cut", group.walks.cut)
    assert any(said in one["reason"] for one in told["cut"]), told["cut"]
    assert "cut: " in told["reason"]

    printed = [f"{line.verb} {line.text}" for line in endings(deck, {})]
    assert any(line.startswith("Cut ") and said in line for line in printed), printed
    assert not any("complete" in line for line in printed)

    with coverage_map(harvest.database.path, source, now=EPOCH) as found:
        shown = {one.key: one for one in found.shown()}
    assert shown[part].state is state, shown[part]
    assert (detail or said) in shown[part].detail
    assert PARTS[state].word == state.value

    listed = "\n".join(errors.text(errors.read(harvest.database.path, [source.name], requests=True), EPOCH))
    assert said in listed, listed

    rows = [*deck.failures, *cut_walks(deck)]
    assert [one for one in rows if said in one.message and one.source == source.name]

    drawn = footer.status(deck, source.name, None, 400).text
    assert "cut" in drawn
    assert group.reason in drawn
    assert "cut" in header.deck(deck, 300).text
    table = "\n".join(line.text for line in sources.table(deck.groups, source.name, 120, 4, 0))
    assert "cut" in table
    assert "done" not in table

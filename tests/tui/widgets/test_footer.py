"""The status line: what is said, and what gives way."""

from dataclasses import replace

import pytest

from bench.screen.sample.deck import deck as sample_deck
from engine.model.snapshot import DeckState, State
from tui.widgets import footer
from tui.widgets.footer import Notice
from tui.widgets.rows import Tone

EDITED = Notice("the configuration was edited", Tone.WARN)


def waiting(at: float, state: State = State.RUNNING) -> DeckState:
    deck = sample_deck()
    groups = tuple(replace(one, state=State.WAITING, reason="core is used up") for one in deck.groups)
    return replace(deck, at=at, state=state, reason="", groups=groups)


def said(deck: DeckState, notice: Notice | None = None) -> str:
    return footer.status(deck, deck.groups[0].name, notice, 200, standing=EDITED).text


def test_what_stands_is_said_while_no_source_waits() -> None:
    deck = waiting(at=5.0)
    groups = tuple(replace(one, state=State.RUNNING, reason="") for one in deck.groups)

    assert EDITED.text in said(replace(deck, groups=groups))


def test_what_stands_takes_turns_with_a_wait() -> None:
    texts = [said(waiting(at=float(second))) for second in range(15)]

    assert [EDITED.text in text for text in texts] == [True] * 5 + [False] * 10
    assert all("core is used up" in text for text in texts[5:])


@pytest.mark.parametrize("state", [State.DRAINING, State.DONE, State.FAILED])
def test_what_stands_gives_way_to_the_end(state: State) -> None:
    assert EDITED.text not in said(waiting(at=0.0, state=state))


def test_what_stands_gives_way_to_a_message() -> None:
    assert EDITED.text not in said(waiting(at=0.0), Notice("copied"))

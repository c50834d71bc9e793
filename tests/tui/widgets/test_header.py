from dataclasses import replace

from bench.screen.sample.deck import deck as sample_deck
from engine.model.snapshot import DeckState
from tui.widgets import header


def line(now: DeckState, width: int = 200) -> str:
    return "".join(span.text for span in header.deck(now, width).spans)


def test_the_last_to_finish_is_named_with_the_resets_on_its_way() -> None:
    now = sample_deck()
    first, second, *_ = now.groups
    groups = (replace(first, eta=60.0, eta_resets=0), replace(second, eta=192.0, eta_resets=2))

    text = line(replace(now, groups=groups))

    assert f"ETA 3m12 after 2 resets, {second.name} last" in text


def test_nothing_is_said_while_nobody_knows() -> None:
    now = sample_deck()

    text = line(replace(now, groups=tuple(replace(group, eta=None) for group in now.groups)))

    assert "ETA" not in text

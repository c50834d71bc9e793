"""Draws the picture of the README: the real dashboard over a sample deck, without a terminal.

`python -m bench.screen.readme_picture docs/screen.svg`
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from datetime import UTC
from pathlib import Path

from bench.screen.sample import deck
from engine.model.changes import Changes
from engine.model.commands import Command, Done, Outcome
from engine.model.coverage import Part
from engine.model.snapshot import DeckState, FailedDetail, FailedRequest
from tui.app.app import FetchdeckApp


class Still:
    """A control of a deck that never changes: commands have no effect."""

    def snapshot(self) -> DeckState:
        return deck.deck()

    def send(self, command: Command) -> Future[Outcome]:
        """Take every command and do nothing."""
        _ = command
        answer: Future[Outcome] = Future()
        answer.set_result(Done())
        return answer

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        return deck.failed(source, failure)

    def inspect(self, id: int) -> FailedDetail | None:
        return deck.detail(id)

    def quarantined(self) -> Sequence[FailedRequest]:
        return deck.quarantined()

    def changes(self) -> Changes:
        return deck.changes()

    def parts(self, source: str) -> Sequence[Part]:
        return deck.parts(source)


def export(path: Path, *, width: int = 120, height: int = 40, theme: str | None = None) -> None:
    """Write the dashboard to an SVG file, with the same bytes every time."""
    os.environ.pop("NO_COLOR", None)
    app = FetchdeckApp(
        cards=deck.cards,
        start=lambda _names: Still(),
        selected=[card.name for card in deck.cards()],
        theme=theme,
        clock=lambda: deck.NOW,
        zone=UTC,
        ascii_only=False,
    )
    path.write_text(asyncio.run(_draw(app, (width, height))), encoding="utf-8")


async def _draw(app: FetchdeckApp, size: tuple[int, int]) -> str:
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        return app.export_screenshot(title="fetchdeck")


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m bench.screen.readme_picture FILE.svg\n")
        return 2
    export(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

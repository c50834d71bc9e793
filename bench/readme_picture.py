"""Draws the picture of the README: the real dashboard over a sample deck, without a terminal.

`python -m bench.readme_picture docs/screen.svg`
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

from bench.sample import deck
from engine.model.coverage import Part
from engine.model.snapshot import Changes, DeckState, FailedDetail, FailedRequest, Tuning
from tui.app.app import FetchdeckApp


class Still:
    """A control of a deck that never changes: commands have no effect."""

    def snapshot(self) -> DeckState:
        return deck.deck()

    def pause(self, source: str | None = None) -> None:
        """Do nothing."""

    def resume(self, source: str | None = None) -> None:
        """Do nothing."""

    def nudge(self, source: str, step: int) -> None:
        """Do nothing."""

    def pin(self, source: str, number: int | None = None) -> None:
        """Do nothing."""

    def cap(self, source: str, step: int) -> None:
        """Do nothing."""

    def tune(self, source: str, tuning: Tuning) -> None:
        """Do nothing."""

    def cap_at(self, source: str, number: int) -> None:
        """Do nothing."""

    def automatic(self, source: str) -> None:
        """Do nothing."""

    def retry(self, source: str | None = None, failure: str | None = None, id: int | None = None) -> None:
        """Do nothing."""

    def failed(self, source: str, failure: str) -> Sequence[FailedRequest]:
        return deck.failed(source, failure)

    def inspect(self, id: int) -> FailedDetail | None:
        return deck.detail(id)

    def set_aside(self, source: str, failure: str | None = None, id: int | None = None) -> None:
        """Do nothing."""

    def release(self, source: str, id: int | None = None) -> None:
        """Do nothing."""

    def quarantined(self) -> Sequence[FailedRequest]:
        return deck.quarantined()

    def changes(self) -> Changes:
        return deck.changes()

    def parts(self, source: str) -> Sequence[Part]:
        return deck.parts(source)

    def fill(self, source: str, parts: Sequence[str]) -> int:
        _ = (source, parts)
        return 0

    def stop(self) -> None:
        """Do nothing."""

    def stop_now(self) -> None:
        """Do nothing."""


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
        sys.stderr.write("usage: python -m bench.readme_picture FILE.svg\n")
        return 2
    export(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""The process in the terminal of a screen benchmark: `python -m bench.screen.child ours|plain|none`."""

import argparse
import threading
from pathlib import Path

from bench.screen.feed import Feed


def main() -> None:
    """Feed a screen until killed; without a screen, take snapshots as often as one would."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("screen", choices=["ours", "plain", "none"])
    parser.add_argument("--rate", type=float, help="events a second; left out: as fast as possible")
    parser.add_argument("--most", type=int, help="events after which no more are made")
    parser.add_argument("--still", action="store_true", help="let the clock stand")
    parser.add_argument("--hz", type=float, default=4.0)
    parser.add_argument("--slow", action="store_true")
    parser.add_argument("--report", type=Path, help="write the count of events and the memory to this file")
    given = parser.parse_args()
    feed = Feed(given.rate, clock=not given.still, most=given.most)
    if given.report is not None:
        feed.report(given.report)
    if given.rate != 0:
        feed.start()
    {"ours": _ours, "plain": _plain, "none": _none}[given.screen](feed, given)


def _ours(feed: Feed, given: argparse.Namespace) -> None:
    from tui.app.app import FetchdeckApp  # noqa: PLC0415 -- each screen loads only what is its own
    from tui.terminal.preferences import TerminalPreferences  # noqa: PLC0415 -- likewise

    preferences = TerminalPreferences(hz=given.hz, slow=given.slow)
    app = FetchdeckApp(cards=lambda: (), start=lambda _names: feed, selected=["github"], preferences=preferences)
    app.run(mouse=False)


def _plain(feed: Feed, given: argparse.Namespace) -> None:
    from bench.screen.plain_dashboard import PlainDashboard  # noqa: PLC0415 -- likewise

    PlainDashboard(feed, hz=given.hz).run()


def _none(feed: Feed, given: argparse.Namespace) -> None:
    while not threading.Event().wait(1 / given.hz):
        feed.snapshot()


if __name__ == "__main__":
    main()

"""Makes tests of the screen quick: pilots go on when nothing is left to do, and a stylesheet is parsed once."""

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from tests.tui.quiet import until_quiet


@pytest.fixture(scope="session", autouse=True)
def quiet_pilot() -> Iterator[None]:
    """Let pilots wait for an empty event loop.

    Textual sleeps to find out whether the process still computes: 20 ms or more, twice a key, which is most of the time
    these tests would take. A busy machine also makes a process that only waits for a core look idle. And four times
    a key it sends a message to each widget to find out whether messages are left: an empty loop says so as well.
    """

    async def all_messages_are_processed(pilot: Pilot[Any], _timeout: float = 0.0) -> bool:
        await until_quiet()
        return not pilot.app._exception_event.is_set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.app.wait_for_idle", until_quiet)
        patch.setattr("textual.pilot.wait_for_idle", until_quiet)
        patch.setattr(Pilot, "_wait_for_screen", all_messages_are_processed)
        yield


@pytest.fixture(scope="session", autouse=True)
def styles_parsed_once() -> Iterator[None]:
    """Parse each stylesheet once for each theme: by itself, every app parses all again, a tenth of a short test."""
    parsed: dict[object, list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def once(sheet: Stylesheet, *args: Any, **named: Any) -> list[RuleSet]:
        key = (args, *named.items(), frozenset(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *args, **named)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield

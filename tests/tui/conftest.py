"""A pilot that goes on as soon as nothing is left to do."""

from collections.abc import Iterator

import pytest

from tests.tui.quiet import until_quiet


@pytest.fixture(scope="session", autouse=True)
def quiet_pilot() -> Iterator[None]:
    """Let pilots wait for an empty event loop.

    Textual sleeps to find out whether the process still computes: 20 ms or more, twice a key, which is most of the time
    these tests would take. On a busy machine it also takes a process for idle that only waits for a core.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual.app.wait_for_idle", until_quiet)
        patch.setattr("textual.pilot.wait_for_idle", until_quiet)
        yield

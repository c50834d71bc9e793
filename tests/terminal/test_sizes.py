"""Any size, and any change of it."""

import time

import pytest

from tests.terminal.conftest import Open

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_every_source_is_seen_and_the_keys_are_on_the_last_line(pretended: Open, size: tuple[int, int]) -> None:
    screen = pretended("still", size=size)
    screen.shows("q quit")

    for name in ("github", "pr0gramm", "videos", "gitlab", "anime"):
        assert any(name in line for line in screen.lines), name
    assert "q quit" in screen.lines[-1]
    assert screen.widest() <= size[0]


def test_a_storm_of_sizes_ends_as_a_fresh_start_would(pretended: Open) -> None:
    """Within a second (it is looked at for 0.2 s already), or, on a busy machine, within what a start takes there."""
    stormy = pretended("still", size=(120, 40))
    stormy.shows("q quit")
    began = time.monotonic()
    fresh = pretended("still")
    fresh.shows("q quit")
    started_in = time.monotonic() - began

    for number in range(40):
        stormy.resize(2 + number * 37 % 199, 1 + number * 23 % 60)
        stormy.listen(2 / 40)
    for size in ((10, 3), (1, 1), (80, 24)):
        stormy.resize(*size)
        stormy.listen(0.2)
    stormy.until(lambda: stormy.lines == fresh.lines, "the screen of a fresh start", max(0.8, started_in))

    assert stormy.process.poll() is None
    assert b"Traceback" not in stormy.raw

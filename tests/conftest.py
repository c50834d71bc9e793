"""What every test shares: virtual time under tests/engine, the real loop elsewhere; a slow machine is no failure."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings

from engine.common.redaction import LIVE
from tests.fuzzing import SCALE

MEMORY = Path("/dev/shm")
ROOM = 2**30
"""Free bytes it must have: containers may give it 64 MB, which the databases of all tests together outgrow."""


def _put_databases_into_memory() -> None:
    """Let `tmp_path` lie in memory where there is room: a database waits for the disk at each commit.

    What must be on a disk asks for `disk_path`.
    """
    if os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


_put_databases_into_memory()

settings.register_profile(
    "unhurried", deadline=None, max_examples=100 * SCALE, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

# Started by nohup or in the background of a script, the tests inherit ignored signals, and so would every process they
# start to see it end on one.
for _number, _usual in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture(autouse=True)
def _no_secrets_of_other_tests() -> Iterator[None]:
    """Forget the secrets that a test made: the next one may show the same text, and mean no secret."""
    yield
    LIVE.forget()


@pytest.fixture
def disk_path() -> Iterator[Path]:
    """Return a new folder on the disk, wherever `tmp_path` lies."""
    with TemporaryDirectory() as folder:
        yield Path(folder)

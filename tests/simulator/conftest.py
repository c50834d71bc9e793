"""A quiet simulator for the tests of what it says, and a client for it."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from simulator.config import quiet
from simulator.github.world import GitHubWorld
from simulator.pr0gramm.world import Pr0grammWorld
from simulator.testing import Running, running


@pytest.fixture(scope="session")
def simulator() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def client(simulator: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.url, headers={"User-Agent": "tests"}) as opened:
        yield opened


@pytest.fixture(scope="session")
def github() -> GitHubWorld:
    return GitHubWorld(1, sizes=quiet().api("github").sizes)


@pytest.fixture(scope="session")
def pr0gramm() -> Pr0grammWorld:
    return Pr0grammWorld(1, sizes=quiet().api("pr0gramm").sizes)

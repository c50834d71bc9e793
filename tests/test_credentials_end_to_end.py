"""Credentials that expire in the middle of a run, through the whole engine over real sockets.

Every secret holds the word CANARY; afterwards it is in no database, log, event, snapshot or repr.
"""

import logging
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from engine.common.errors import UsageError
from engine.config.settings import load_settings
from engine.model.events import Event
from engine.model.snapshot import DeckState, State
from tests.harvesting import PATIENCE, rows
from tests.token_server import USERS, TokenServer, token_server
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

SHIPPED = [EntryPoint("rest", "sources.rest.source:Rest", GROUP)]
ENDPOINTS = """
[sources.api.endpoints.users]
path = "/users"
key = ["id"]
paging = { style = "none" }

[sources.api.endpoints.posts]
path = "/users/{parent.id}/posts"
parent = "users"
key = ["id"]
paging = { style = "none" }
"""


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server(TokenServer()) as running:
        yield running


class Harvesting:
    """Runs a configuration of `rest`, and keeps all it says."""

    def __init__(self, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        self.folder = folder
        self.database = folder / "data" / "harvest.db"
        self.database.parent.mkdir()
        self._log = caplog
        self._events: list[Event] = []
        self._said: list[str] = []

    def wiring(self, server: TokenServer, table: str, environ: Mapping[str, str]) -> Wiring:
        file = self.folder / "config.toml"
        file.write_text(
            f'[sources.api]\nkind = "rest"\nbase_url = "{server.url}"\nconcurrency = 6\n{table}\n{ENDPOINTS}'
        )
        return Wiring(
            settings=load_settings(file),
            registry=Registry(SHIPPED),
            environ=environ,
            version="1",
            database=self.database,
        )

    def run(self, server: TokenServer, table: str, **environ: str) -> DeckState:
        wiring = self.wiring(server, table, environ)
        engine = wiring.engine(["api"], self._events.append)
        engine.start()
        assert engine.wait(PATIENCE)
        prepared = wiring.prepare("api")
        self._said += map(repr, (engine, wiring, prepared, prepared.credential, prepared.read_credentials()))
        self._said += map(repr, (wiring.job(prepared), wiring.settings, prepared.source, prepared.source.auth))
        self._said.append(repr(engine.snapshot()))
        return engine.snapshot()

    def counts(self) -> tuple[int, int]:
        query = "select (select count(*) from api_users), (select count(*) from api_posts)"
        found: tuple[int, int] = rows(self.database, query)[0]
        return found

    def leaks(self) -> list[str]:
        """Return where the canary is."""
        files = [file for file in self.database.parent.rglob("*") if file.is_file() and b"CANARY" in file.read_bytes()]
        found = [str(file) for file in files]
        found += [text for text in (*map(repr, self._events), *self._said) if "CANARY" in text]
        return found + ([self._log.text] if "CANARY" in self._log.text else [])


@pytest.fixture
def harvesting(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Harvesting:
    return Harvesting(tmp_path, caplog)


def private(folder: Path, text: str, name: str = "token") -> Path:
    file = folder / name
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_a_file_whose_token_was_replaced_is_read_again_in_mid_run(server: TokenServer, harvesting: Harvesting) -> None:
    file = private(harvesting.folder, server.issue("CANARY-1"))
    fresh = iter(f"CANARY-{number}" for number in range(2, 9))
    server.good_for = 10
    server.on_expiry = lambda: file.write_text(server.issue(next(fresh)))

    deck = harvesting.run(server, 'auth = { type = "bearer" }\ntoken_file = "token"')

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    statuses = server.statuses()
    assert statuses[200] == USERS + 1
    assert 3 <= statuses[401] <= 3 * 6  # at each of three expiries, as many as were in flight at most
    assert rows(harvesting.database, "select count(*) from request where attempt > 0") == [(0,)]
    assert harvesting.leaks() == []


def test_a_command_is_run_again_once_for_each_token(server: TokenServer, harvesting: Harvesting) -> None:
    private(harvesting.folder, server.issue("CANARY-1"))
    fresh = iter(f"CANARY-{number}" for number in range(2, 9))
    server.good_for = 10
    server.on_expiry = lambda: private(harvesting.folder, server.issue(next(fresh)))
    run = f'["sh", "-c", "echo run >>{harvesting.folder}/runs; cat {harvesting.folder}/token"]'

    deck = harvesting.run(server, f'auth = {{ type = "bearer" }}\ntoken_command = {run}')

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    # Once at the start and for each of three expiries; twice more by this test, which wires the source again.
    assert (harvesting.folder / "runs").read_text().count("run") == 1 + 3 + 2
    assert harvesting.leaks() == []


@pytest.mark.parametrize("place", ["variable", "file"])
def test_a_token_that_stays_refused_stops_the_source(server: TokenServer, harvesting: Harvesting, place: str) -> None:
    server.issue("another")
    private(harvesting.folder, "CANARY-1")
    environ = {"FETCHDECK_API_TOKEN": "CANARY-1"} if place == "variable" else {}

    deck = harvesting.run(
        server, 'auth = { type = "bearer" }' + ("" if environ else '\ntoken_file = "token"'), **environ
    )

    assert deck.groups[0].state is State.FAILED
    assert deck.groups[0].reason == "401 Unauthorized: the credential was refused or is missing: token expired"
    assert server.statuses() == {401: 1}
    assert harvesting.leaks() == []


def test_a_new_token_that_is_refused_as_well_stops_the_source(server: TokenServer, harvesting: Harvesting) -> None:
    server.issue("another")
    private(harvesting.folder, "CANARY-")
    # The command has a new token each time it is asked.
    run = f'["sh", "-c", "echo -n 1 >>{harvesting.folder}/token; cat {harvesting.folder}/token"]'

    deck = harvesting.run(server, f'auth = {{ type = "bearer" }}\ntoken_command = {run}')

    assert deck.groups[0].state is State.FAILED
    assert deck.groups[0].reason == "401 Unauthorized: the credential was refused or is missing: token expired"
    assert server.statuses() == {401: 2}
    assert harvesting.leaks() == []


def test_a_file_that_is_gone_in_mid_run_is_named(server: TokenServer, harvesting: Harvesting) -> None:
    file = private(harvesting.folder, server.issue("CANARY-1"))
    server.good_for = 5
    server.on_expiry = lambda: file.unlink(missing_ok=True)

    with pytest.raises(UsageError, match="cannot be read"):  # from this test, which reads it once more
        harvesting.run(server, 'auth = { type = "bearer" }\ntoken_file = "token"')

    reason = rows(harvesting.database, "select reason from run")[0][0]
    assert reason.startswith("the credential was refused (401), and could not be read again: ")
    assert harvesting.leaks() == []

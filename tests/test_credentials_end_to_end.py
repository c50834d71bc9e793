"""Credentials that expire in the middle of a run, through the whole engine over real sockets.

Every secret holds the word CANARY; afterwards it is in no database, log, event, snapshot or repr.
"""

import itertools
import logging
import sqlite3
import stat
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import EntryPoint
from pathlib import Path

import jwt
import msgspec
import pytest

from engine.common.errors import UsageError
from engine.common.paths import refresh_tokens
from engine.config.settings import load_settings
from engine.model.events import Event
from engine.model.snapshot import DeckState, State
from engine.transport.http.transport import MOST_RENEWALS
from tests.harvesting import PATIENCE, rows
from tests.token_server import USERS, Asked, TokenServer, token_server
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
        caplog.set_level(logging.INFO)  # as `tui.common.logs` does
        self.folder = folder
        self.database = folder / "data" / "harvest.db"
        self.database.parent.mkdir()
        self._log = caplog
        self._events: list[Event] = []
        self._said: list[str] = []

    def wiring(self, server: TokenServer, table: str, endpoints: str, environ: Mapping[str, str]) -> Wiring:
        file = self.folder / "config.toml"
        file.write_text(
            f'[sources.api]\nkind = "rest"\nbase_url = "{server.url}"\nconcurrency = 6\n{table}\n{endpoints}'
        )
        return Wiring(
            settings=load_settings(file),
            registry=Registry(SHIPPED),
            environ=environ,
            version="1",
            database=self.database,
        )

    def run(self, server: TokenServer, table: str, endpoints: str = ENDPOINTS, /, **environ: str) -> DeckState:
        wiring = self.wiring(server, table, endpoints, environ)
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

    def attempts(self) -> dict[str, int]:
        """Return how many attempts ended how, those that landed left out."""
        return dict(rows(self.database, "select outcome, count(*) from attempt group by outcome"))

    def leaks(self) -> list[str]:
        """Return where the canary is."""
        files = [file for file in self.database.parent.rglob("*") if file.is_file() and b"CANARY" in file.read_bytes()]
        found = [str(file) for file in files]
        found += [text for text in (*map(repr, self._events), *self._said) if "CANARY" in text]
        return found + ([self._log.text] if "CANARY" in self._log.text else [])


@pytest.fixture
def harvesting(tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Harvesting:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
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


def test_a_token_of_a_variable_that_stays_refused_stops_the_source(server: TokenServer, harvesting: Harvesting) -> None:
    server.issue("another")

    deck = harvesting.run(server, 'auth = { type = "bearer" }', FETCHDECK_API_TOKEN="CANARY-1")

    assert deck.groups[0].state is State.FAILED
    assert deck.groups[0].reason == "401 Unauthorized: the credential was refused or is missing: token expired"
    assert server.statuses() == {401: 1}
    assert harvesting.leaks() == []


@contextmanager
def once_a_login_is_needed(harvesting: Harvesting, then: Callable[[], object]) -> Iterator[None]:
    """Do something as a person would."""

    def is_needed() -> bool:
        with suppress(sqlite3.Error):  # there is no database yet
            return "login needed" in harvesting.attempts()
        return False

    def wait() -> None:
        while not is_needed():
            threading.Event().wait(0.01)
        then()

    person = threading.Thread(target=wait)
    person.start()
    yield
    person.join(PATIENCE)


def test_a_file_whose_token_is_refused_is_waited_for(server: TokenServer, harvesting: Harvesting) -> None:
    server.issue("another")
    file = private(harvesting.folder, "CANARY-1")

    with once_a_login_is_needed(harvesting, lambda: file.write_text(server.issue("CANARY-2"))):
        deck = harvesting.run(server, 'auth = { type = "bearer" }\ntoken_file = "token"')

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert server.statuses()[401] == 1
    assert harvesting.attempts() == {"login needed": 1}
    assert harvesting.leaks() == []


def test_a_command_whose_new_token_is_refused_as_well_is_asked_again(
    server: TokenServer, harvesting: Harvesting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.config.credentials.COMMAND_LOOKS", (0.1,))
    server.issue("CANARY-1111")
    private(harvesting.folder, "CANARY-")
    # The command has a new token each time it is asked.
    run = COUNTED.format(folder=harvesting.folder)

    deck = harvesting.run(server, f'auth = {{ type = "bearer" }}\ntoken_command = {run}')

    assert deck.state is State.DONE
    assert server.statuses()[401] == 3
    # The second token is asked for at once, the others after a wait for a login.
    assert harvesting.attempts() == {"renewed": 2, "login needed": 1}
    assert harvesting.leaks() == []


COUNTED = '["sh", "-c", "echo -n 1 >>{folder}/token; cat {folder}/token"]'
"""A command that has a new token each time."""


def refuses_one_user(server: TokenServer) -> None:
    """Take every token for everything but the posts of user 7."""
    server.issue("any")
    server.carried = lambda asked: "" if asked.path == "/users/7/posts" else "any"


def test_a_request_that_is_refused_with_every_token_fails_alone(
    server: TokenServer, harvesting: Harvesting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.config.credentials.COMMAND_LOOKS", (0.1,))
    refuses_one_user(server)
    file = private(harvesting.folder, "CANARY-")
    command = COUNTED.format(folder=harvesting.folder)

    deck = harvesting.run(server, f'auth = {{ type = "bearer" }}\ntoken_command = {command}')

    assert (deck.state, deck.groups[0].failed) == (State.DONE, 1)
    assert harvesting.counts() == (USERS, USERS - 1)
    assert server.statuses()[401] <= 1 + MOST_RENEWALS
    assert len(file.read_text().removeprefix("CANARY-")) <= 1 + MOST_RENEWALS + 2  # twice more by this test
    assert harvesting.leaks() == []


def test_a_401_that_the_configuration_skips_is_no_reason_to_ask_for_a_token(
    server: TokenServer, harvesting: Harvesting
) -> None:
    refuses_one_user(server)
    file = private(harvesting.folder, "CANARY-")
    command = COUNTED.format(folder=harvesting.folder)
    endpoints = ENDPOINTS.replace('parent = "users"', 'parent = "users"\nskip = [401]')

    deck = harvesting.run(server, f'auth = {{ type = "bearer" }}\ntoken_command = {command}', endpoints)

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS - 1)
    assert server.statuses()[401] == 1
    assert file.read_text() == "CANARY-1" + "11"  # at the start, and twice by this test


def test_a_file_that_is_gone_in_mid_run_is_named_and_waited_for(server: TokenServer, harvesting: Harvesting) -> None:
    file = private(harvesting.folder, server.issue("CANARY-1"))
    server.good_for = 5
    server.on_expiry = lambda: file.unlink(missing_ok=True)

    def bring_it_back() -> None:
        server.good_for = 10 * USERS
        private(harvesting.folder, server.issue("CANARY-2"))

    with once_a_login_is_needed(harvesting, bring_it_back):
        deck = harvesting.run(server, 'auth = { type = "bearer" }\ntoken_file = "token"')

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    said = rows(harvesting.database, "select reason from attempt where outcome = 'login needed' order by at")
    assert said[0][0].startswith("the credential must be read again, and cannot be: ")
    assert "sources.api.token_file: " in said[0][0]
    assert harvesting.leaks() == []


def grants(server: TokenServer, **more: object) -> list[str]:
    """Let a server grant tokens by OAuth 2, one after the other; return the list that it keeps of them."""
    made: list[str] = []

    def grant(asked: Asked) -> tuple[int, Mapping[str, str], object]:
        made.append(server.issue(f"CANARY-access-{len(made) + 1}"))
        answer = {"access_token": made[-1], "token_type": "bearer"}
        if "refresh_token" in asked.form:
            answer["refresh_token"] = f"CANARY-refresh-{len(made) + 1}"
        return 200, {}, {**answer, **more}

    server.grant = grant
    return made


def test_client_credentials_get_a_token_and_another_when_it_expires(
    server: TokenServer, harvesting: Harvesting
) -> None:
    made = grants(server, expires_in=3600)
    server.good_for = 15
    auth = 'auth = { type = "oauth2", token_url = "/token", client_id = "me & co", scope = "read all" }'

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY/secret")

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert len(made) == 1 + 2
    assert {(one.path, one.form["grant_type"], one.form["scope"]) for one in server.granted} == {
        ("/token", "client_credentials", "read all")
    }
    basic = b64encode(b"me+%26+co:CANARY%2Fsecret").decode()
    assert {one.headers["authorization"] for one in server.granted} == {f"Basic {basic}"}
    assert harvesting.leaks() == []


def test_a_client_may_say_who_it_is_in_the_form(server: TokenServer, harvesting: Harvesting) -> None:
    grants(server)
    auth = """
    [sources.api.auth]
    type = "oauth2"
    token_url = "/token"
    client_id = "me"
    client_auth = "body"
    params = { audience = "https://api.example.org" }
    """

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-secret")

    assert deck.state is State.DONE
    assert server.granted[0].form == {
        "grant_type": "client_credentials",
        "audience": "https://api.example.org",
        "client_id": "me",
        "client_secret": "CANARY-secret",
    }
    assert "authorization" not in server.granted[0].headers
    assert harvesting.leaks() == []


def test_a_refresh_token_that_is_replaced_is_kept_in_a_private_file_for_the_next_run(
    server: TokenServer, harvesting: Harvesting
) -> None:
    grants(server)
    server.good_for = 20
    auth = """
    [sources.api.auth]
    type = "oauth2"
    grant = "refresh_token"
    token_url = "/token"
    client_id = "me"
    client_secret = { env = "CLIENT_SECRET" }
    """
    secrets = {"FETCHDECK_API_TOKEN": "CANARY-refresh-1", "CLIENT_SECRET": "CANARY-client"}

    first = harvesting.run(server, auth, **secrets)
    second = harvesting.run(server, auth, **secrets)

    assert (first.state, second.state) == (State.DONE, State.DONE)
    sent = [one.form["refresh_token"] for one in server.granted]
    assert sent == [f"CANARY-refresh-{number}" for number in range(1, len(sent) + 1)]
    assert len(sent) >= 4
    (kept,) = refresh_tokens().glob("*.toml")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert f"CANARY-refresh-{len(sent) + 1}" in kept.read_text()
    assert "CANARY" not in (harvesting.folder / "config.toml").read_text()
    assert harvesting.leaks() == []


def test_a_new_refresh_token_in_its_place_is_used_instead_of_the_kept_one(
    server: TokenServer, harvesting: Harvesting
) -> None:
    grants(server)
    auth = 'auth = { type = "oauth2", grant = "refresh_token", token_url = "/token", client_id = "me" }'

    harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-old")
    harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-new")

    assert [one.form["refresh_token"] for one in server.granted] == ["CANARY-old", "CANARY-new"]
    assert server.granted[0].form["client_id"] == "me"


def test_a_grant_that_is_refused_is_asked_for_again_and_says_what_to_do(
    server: TokenServer, harvesting: Harvesting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.transport.credentials.oauth.COMMAND_LOOKS", (0.1,))
    grants(server)
    granting = server.grant
    said = {"error": "invalid_client", "error_description": "CANARY-secret is not known"}
    server.grant = lambda asked: (401, {}, said) if len(server.granted) < 2 else granting(asked)
    auth = 'auth = { type = "oauth2", token_url = "/token", client_id = "me" }'

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-secret")

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    ((reason,),) = rows(harvesting.database, "select distinct reason from attempt")
    assert reason == (
        f"{server.url}/token refuses to grant a token (401, invalid_client: *** is not known):"
        " the credential was refused or has expired"
    )
    assert harvesting.leaks() == []


def test_a_request_for_a_token_is_never_redirected(server: TokenServer, harvesting: Harvesting) -> None:
    with token_server(TokenServer()) as thief:
        server.grant = lambda asked: (307, {"Location": f"{thief.url}/token"}, {})
        auth = 'auth = { type = "oauth2", token_url = "/token", client_id = "me" }'

        deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-secret")

        assert thief.asked == []
    assert deck.groups[0].reason.endswith("redirects (307): a request for a token is never redirected")
    assert harvesting.leaks() == []


def test_a_login_returns_a_token_at_a_path(server: TokenServer, harvesting: Harvesting) -> None:
    count = itertools.count(1)
    server.grant = lambda asked: (200, {}, {"data": {"tokens": [server.issue(f"CANARY-{next(count)}")]}})
    server.carried = lambda asked: asked.headers.get("x-session", "")
    server.good_for = 20
    auth = """
    [sources.api.auth]
    type = "session"
    login_url = "/login"
    body = { user = { name = "me", password = "{secret}" } }
    token = "data.tokens.0"
    name = "X-Session"
    prefix = ""
    """

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN='CANARY"word')

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert len(server.granted) == 2
    assert msgspec.json.decode(server.granted[0].body) == {"user": {"name": "me", "password": 'CANARY"word'}}
    assert harvesting.leaks() == []


def test_a_login_by_a_form_sets_a_cookie(server: TokenServer, harvesting: Harvesting) -> None:
    count = itertools.count(1)
    server.grant = lambda asked: (
        302,
        {"Location": "/home", "Set-Cookie": f"sid={server.issue(f'CANARY-{next(count)}')}; Path=/; HttpOnly"},
        {},
    )
    server.carried = lambda asked: asked.headers.get("cookie", "").removeprefix("sid=")
    server.good_for = 20
    auth = """
    [sources.api.auth]
    type = "session"
    login_url = "/login"
    body = { user = "me", password = "{secret}" }
    form = true
    cookie = "sid"
    """

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY&word")

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert server.granted[0].form == {"user": "me", "password": "CANARY&word"}
    assert not [one for one in server.asked if one.path == "/home"]
    assert harvesting.leaks() == []


def test_two_keys_travel_at_once(server: TokenServer, harvesting: Harvesting) -> None:
    private(harvesting.folder, "CANARY-app", "app.key")
    server.issue("CANARY-key CANARY-app CANARY-q CANARY-c")
    server.carried = lambda asked: " ".join(
        (
            asked.headers.get("x-api-key", ""),
            asked.headers.get("x-app-key", ""),
            asked.query.get("key", [""])[0],
            asked.headers.get("cookie", "").removeprefix("c="),
        )
    )
    auth = """
    [sources.api.auth]
    type = "header"
    name = "X-Api-Key"
    also = [
      { name = "X-App-Key", file = "app.key" },
      { type = "query", name = "key", env = "QUERY_KEY" },
      { type = "cookie", name = "c", command = ["echo", "-n", "CANARY-c"] },
    ]
    """

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY-key", QUERY_KEY="CANARY-q")

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)


def test_a_key_beside_the_first_that_is_missing_is_named(server: TokenServer, harvesting: Harvesting) -> None:
    auth = 'auth = { type = "header", name = "A", also = [{ name = "B", env = "SECOND_KEY" }] }'

    with pytest.raises(UsageError, match=r"sources\.api\.auth\.also\[0\]: SECOND_KEY is not set; set it, or give file"):
        harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY")


def test_a_token_is_never_asked_for_without_encryption(server: TokenServer, harvesting: Harvesting) -> None:
    auth = 'auth = { type = "oauth2", token_url = "http://auth.example.org/token", client_id = "me" }'

    with pytest.raises(UsageError, match=r"auth\.token_url: http://auth\.example\.org/token is not encrypted"):
        harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY")


def test_a_signed_token_travels_itself(server: TokenServer, harvesting: Harvesting) -> None:
    key = "CANARY-" * 8
    carried: list[dict[str, object]] = []

    def token_in(asked: Asked) -> str:
        carried.append(jwt.decode(asked.headers["authorization"].removeprefix("Bearer "), key, algorithms=["HS256"]))
        return "signed"

    server.issue("signed")
    server.carried = token_in
    auth = 'auth = { type = "jwt", algorithm = "HS256", claims = { iss = "app" } }'

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN=key)

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert {one["iss"] for one in carried} == {"app"}
    assert harvesting.leaks() == []


def test_a_signed_token_is_exchanged_for_one_of_the_server(server: TokenServer, harvesting: Harvesting) -> None:
    key = "CANARY-" * 8
    made = grants(server, expires_in=3600)
    server.good_for = 20
    auth = """
    [sources.api.auth]
    type = "jwt"
    algorithm = "HS256"
    claims = { iss = "app" }
    token_url = "/token"
    scope = "read"
    """

    deck = harvesting.run(server, auth, FETCHDECK_API_TOKEN=key)

    assert deck.state is State.DONE
    assert harvesting.counts() == (USERS, USERS)
    assert len(made) == 2
    form = server.granted[0].form
    assert (form["grant_type"], form["scope"]) == ("urn:ietf:params:oauth:grant-type:jwt-bearer", "read")
    assert jwt.decode(form["assertion"], key, algorithms=["HS256"])["iss"] == "app"
    assert harvesting.leaks() == []


def test_a_key_that_cannot_sign_is_found_before_the_start(server: TokenServer, harvesting: Harvesting) -> None:
    auth = 'auth = { type = "jwt", algorithm = "RS256" }'

    with pytest.raises(UsageError, match=r"sources\.api\.auth\.algorithm: the key is none for RS256") as refused:
        harvesting.run(server, auth, FETCHDECK_API_TOKEN="CANARY")

    assert "CANARY" not in str(refused.value)

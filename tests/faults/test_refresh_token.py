"""A refresh token that its server replaces with each use: it is used once, kept privately, and never lost unnoticed."""

import asyncio
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.common.errors import SourceError
from engine.common.secret import Secret
from engine.model.credentials import Credentials, OAuthGrant
from engine.transport.credentials.oauth import GrantSecrets, OAuthIssuer
from engine.transport.credentials.refresh_token_file import RefreshTokenFile
from engine.transport.credentials.token_request import TokenEndpoint
from tests.token_server import Asked, TokenServer, token_server

FIRST = Secret("refresh-0")


def issuer(server: TokenServer, folder: Path) -> OAuthIssuer:
    url = f"{server.url}/token"
    secrets = GrantSecrets(main=FIRST, place=lambda token: Credentials(headers={"Authorization": token}))
    return OAuthIssuer(
        grant=OAuthGrant(kind="refresh_token", token_url=url, client_id="me"),
        endpoint=TokenEndpoint(url=url, user_agent="fetchdeck/0"),
        read=lambda: secrets,
        first=secrets,
        kept=RefreshTokenFile(folder, about=f"{url} me"),
    )


@pytest.fixture
def server() -> Iterator[TokenServer]:
    with token_server(TokenServer()) as running:
        yield running


def replacing(server: TokenServer) -> list[str]:
    """Let a server replace its refresh token with each use, and refuse one that was used before; return those used."""
    used: list[str] = []

    def grant(asked: Asked) -> tuple[int, Mapping[str, str], object]:
        used.append(asked.form["refresh_token"])
        if used[-1] != f"refresh-{len(used) - 1}":
            return 400, {}, {"error": "invalid_grant"}
        return 200, {}, {"access_token": f"access-{len(used)}", "refresh_token": f"refresh-{len(used)}"}

    server.grant = grant
    return used


def kept_in(folder: Path) -> Path:
    (file,) = folder.glob("*.toml")
    return file


async def test_two_that_refresh_one_token_at_once_use_each_of_its_successors_once(
    server: TokenServer, tmp_path: Path
) -> None:
    used = replacing(server)

    found = await asyncio.gather(*(issuer(server, tmp_path / "tokens").issue() for _ in range(8)))

    assert used == [f"refresh-{number}" for number in range(8)]
    tokens = {one.credentials.headers["Authorization"].reveal() for one in found}
    assert tokens == {f"access-{number}" for number in range(1, 9)}


async def test_one_that_is_cancelled_while_it_waits_leaves_the_lock_to_others(
    server: TokenServer, tmp_path: Path
) -> None:
    used = replacing(server)
    kept = RefreshTokenFile(tmp_path, about=f"{server.url}/token me")

    async with kept.locked(FIRST):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await issuer(server, tmp_path).issue()
    await issuer(server, tmp_path).issue()

    assert used == ["refresh-0"]


async def test_all_its_files_are_private(server: TokenServer, tmp_path: Path) -> None:
    replacing(server)

    await issuer(server, tmp_path / "tokens").issue()

    files = [tmp_path / "tokens", kept_in(tmp_path / "tokens"), kept_in(tmp_path / "tokens").with_suffix(".lock")]
    assert [stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files] == [0, 0, 0]
    assert not any("refresh-0" in file.name for file in files)


async def test_a_file_of_the_person_keeps_others_out_once_it_is_written(server: TokenServer, tmp_path: Path) -> None:
    replacing(server)
    await issuer(server, tmp_path).issue()
    file = kept_in(tmp_path)
    file.chmod(0o644)

    await issuer(server, tmp_path).issue()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_token_that_cannot_be_kept_is_told(server: TokenServer, tmp_path: Path) -> None:
    replacing(server)
    (tmp_path / "tokens").write_text("a file where the folder should be")

    with pytest.raises(SourceError, match="the new refresh token cannot be written"):
        await issuer(server, tmp_path / "tokens").issue()


async def test_a_token_is_not_sent_to_another_server_or_client(tmp_path: Path) -> None:
    kept = RefreshTokenFile(tmp_path, about="https://a.example/token me")
    kept.keep(FIRST, Secret("refresh-1"))

    other = RefreshTokenFile(tmp_path, about="https://b.example/token me")

    assert other.read(FIRST) is None
    assert kept.read(Secret("another")) is None
    found = kept.read(FIRST)
    assert found is not None
    assert found.reveal() == "refresh-1"

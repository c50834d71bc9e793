"""When credentials are asked for again, and how often. An hour of waiting costs nothing here: time is virtual."""

import asyncio

import pytest

from engine.common.errors import ConnectFailed, FetchdeckError, SourceError
from engine.common.secret import Secret
from engine.model.credentials import Credentials, Looks
from engine.transport.credentials.renewing import AHEAD, REST, Issued, RenewingCredentials


def token(value: str) -> Credentials:
    return Credentials(headers={"Authorization": Secret(value)})


def shown(credentials: Credentials) -> str:
    return credentials.headers["Authorization"].reveal()


class FakeIssuer:
    """Issues one token after the other, each after a second."""

    identity = "somebody"
    looks = Looks(place="the fake", pauses=())

    def __init__(self, *tokens: str | FetchdeckError, lifetime: float | None = None) -> None:
        self._tokens = list(tokens)
        self._lifetime = lifetime
        self.asked = 0

    async def issue(self) -> Issued:
        self.asked += 1
        await asyncio.sleep(1)
        found = self._tokens.pop(0) if len(self._tokens) > 1 else self._tokens[0]
        if isinstance(found, FetchdeckError):
            raise found
        return Issued(token(found), self._lifetime)


async def test_the_first_token_is_asked_for_once_by_all_requests() -> None:
    issuer = FakeIssuer("a", "b")
    provider = RenewingCredentials(issuer)

    found = await asyncio.gather(*(provider.credentials() for _ in range(20)))

    assert {shown(one) for one in found} == {"a"}
    assert issuer.asked == 1


async def test_known_ones_are_handed_out_without_asking() -> None:
    issuer = FakeIssuer("b")
    provider = RenewingCredentials(issuer, first=token("a"))

    assert shown(await provider.credentials()) == "a"
    assert issuer.asked == 0


async def test_refusals_of_one_token_ask_once() -> None:
    issuer = FakeIssuer("b", "c")
    provider = RenewingCredentials(issuer, first=token("a"))
    old = await provider.credentials()

    renewed = await asyncio.gather(*(provider.refused(old) for _ in range(20)))
    late = await provider.refused(old)

    assert renewed == [True] * 20
    assert late is True
    assert shown(await provider.credentials()) == "b"
    assert issuer.asked == 1


async def test_a_place_with_the_same_token_is_asked_once_and_has_nothing_new() -> None:
    issuer = FakeIssuer("a")
    provider = RenewingCredentials(issuer, first=token("a"))
    old = await provider.credentials()

    renewed = await asyncio.gather(*(provider.refused(old) for _ in range(20)))

    assert renewed == [False] * 20
    assert issuer.asked == 1


async def test_a_token_is_renewed_ahead_of_its_expiry() -> None:
    issuer = FakeIssuer("a", "b", lifetime=3600)
    provider = RenewingCredentials(issuer)
    await provider.credentials()

    await asyncio.sleep(3600 - AHEAD - 2)
    before = await provider.credentials()
    await asyncio.sleep(2)
    after = await asyncio.gather(*(provider.credentials() for _ in range(20)))

    assert shown(before) == "a"
    assert {shown(one) for one in after} == {"b"}
    assert issuer.asked == 2


async def test_a_token_of_a_minute_serves_most_of_it() -> None:
    issuer = FakeIssuer("a", "b", lifetime=60)
    provider = RenewingCredentials(issuer)
    await provider.credentials()

    await asyncio.sleep(43)
    before = await provider.credentials()
    await asyncio.sleep(2)

    assert (shown(before), shown(await provider.credentials())) == ("a", "b")


async def test_a_server_that_repeats_its_token_is_asked_once_for_each_of_its_lives() -> None:
    issuer = FakeIssuer("a", "a", "b", lifetime=3600)
    provider = RenewingCredentials(issuer)
    await provider.credentials()

    await asyncio.sleep(3600)
    again = await asyncio.gather(*(provider.credentials() for _ in range(20)))
    await asyncio.sleep(3600)

    assert {shown(one) for one in again} == {"a"}
    assert issuer.asked == 2
    assert shown(await provider.credentials()) == "b"


async def test_a_renewal_that_fails_ahead_of_the_expiry_leaves_the_old_token_in_use() -> None:
    issuer = FakeIssuer("a", ConnectFailed("nobody there"), "b", lifetime=3600)
    provider = RenewingCredentials(issuer)
    await provider.credentials()

    await asyncio.sleep(3600 - AHEAD)
    meanwhile = [await provider.credentials() for _ in range(20)]
    await asyncio.sleep(REST)

    assert {shown(one) for one in meanwhile} == {"a"}
    assert shown(await provider.credentials()) == "b"
    assert issuer.asked == 3


async def test_a_renewal_that_failed_is_not_tried_again_at_once() -> None:
    issuer = FakeIssuer(ConnectFailed("nobody there"), "a")
    provider = RenewingCredentials(issuer)

    found = await asyncio.gather(*(provider.credentials() for _ in range(20)), return_exceptions=True)
    await asyncio.sleep(REST)

    assert {str(one) for one in found} == {"nobody there"}
    assert shown(await provider.credentials()) == "a"
    assert issuer.asked == 2


async def test_a_grant_that_is_refused_is_an_error() -> None:
    provider = RenewingCredentials(FakeIssuer(SourceError("invalid_grant")), first=token("a"))

    with pytest.raises(SourceError, match="invalid_grant"):
        await provider.refused(await provider.credentials())


async def test_the_identity_is_that_of_the_issuer_whatever_the_token() -> None:
    assert RenewingCredentials(FakeIssuer("a")).identity == "somebody"

"""Which 401 renews a credential, and which one is a refusal. The server is real, on 127.0.0.1."""

from collections.abc import AsyncIterator, Iterator

import pytest

from engine.common.errors import RequestRefused
from engine.common.secret import Secret
from engine.model.credentials import CredentialProvider, Credentials
from engine.model.source import Request
from engine.transport.http.transport import MOST_RENEWALS, HttpTransport
from tests.api_server import Answer, Api, Asked, serving


def token(value: str) -> Credentials:
    return Credentials(headers={"Authorization": Secret(value)})


class FakeProvider(CredentialProvider):
    """Hands out the credentials it is told to; what others renew, it knows."""

    identity = "somebody"

    def __init__(self) -> None:
        self.current = token("first")
        self.refusals = 0

    async def credentials(self) -> Credentials:
        return self.current

    async def refused(self, credentials: Credentials) -> bool:
        self.refusals += 1
        return True


@pytest.fixture
def accepts() -> set[str]:
    """The tokens that the server takes."""
    return set()


@pytest.fixture
def api(accepts: set[str]) -> Iterator[Api]:
    def answer(asked: Asked) -> Answer:
        return Answer(body={}, status=200 if asked.headers["authorization"] in accepts else 401)

    with serving(answer) as server:
        yield server


@pytest.fixture
def provider() -> FakeProvider:
    return FakeProvider()


@pytest.fixture
async def transport(api: Api, provider: FakeProvider) -> AsyncIterator[HttpTransport]:
    made = HttpTransport(base_url=api.url, headers={}, credentials=provider, connections=2, user_agent="test")
    yield made
    await made.close()


def request(key: str) -> Request:
    return Request(key=key, url="/items")


async def send_with(transport: HttpTransport, provider: FakeProvider, key: str, value: Credentials) -> int:
    provider.current = value
    return (await transport.send(request(key), {})).status


async def test_a_second_401_soon_after_a_renewal_is_a_refusal(transport: HttpTransport, provider: FakeProvider) -> None:
    assert await send_with(transport, provider, "a", token("first")) == 401
    assert await transport.renew(request("a"))
    assert await send_with(transport, provider, "a", token("second")) == 401

    assert not await transport.renew(request("a"))
    assert provider.refusals == 1


async def test_a_new_token_that_others_used_may_have_expired_although_a_third_is_in_use(
    transport: HttpTransport, provider: FakeProvider, accepts: set[str]
) -> None:
    second, third = token("second"), token("third")
    accepts |= {"second", "third"}
    assert await send_with(transport, provider, "slow", token("first")) == 401
    assert await transport.renew(request("slow"))
    assert await send_with(transport, provider, "quick", second) == 200
    assert await send_with(transport, provider, "quick", third) == 200
    accepts.remove("second")

    assert await send_with(transport, provider, "slow", second) == 401
    assert await transport.renew(request("slow"))


async def test_one_request_renews_a_few_times_at_most_though_others_are_answered(
    transport: HttpTransport, provider: FakeProvider, accepts: set[str]
) -> None:
    async def refused_with(number: int) -> bool:
        mine = token(f"token {number}")
        accepts.add(f"token {number}")
        await send_with(transport, provider, "allowed", mine)
        accepts.clear()
        assert await send_with(transport, provider, "never allowed", mine) == 401
        return await transport.renew(request("never allowed"))

    assert all([await refused_with(number) for number in range(MOST_RENEWALS)])
    with pytest.raises(RequestRefused, match="others are answered"):
        await refused_with(MOST_RENEWALS)


async def test_a_401_that_nobody_asks_about_renews_nothing(transport: HttpTransport, provider: FakeProvider) -> None:
    assert not await transport.renew(request("never sent"))
    assert provider.refusals == 0

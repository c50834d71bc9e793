"""A name that was public and resolves to this machine or its network later gets no request."""

import gc

import pytest

from engine.common.errors import RedirectRefused
from engine.transport.http.peer import PeerGuard
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, answer
from tests.faults.test_transport import get

PUBLIC = ("93.184.216.34", "2606:2800:220:1::1")
PRIVATE = (
    "127.0.0.1", "127.0.0.2", "::1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "fe80::1%eth0",
    "0.0.0.0", "::ffff:127.0.0.1", "fd00::1",
)  # fmt: skip


@pytest.mark.parametrize("private", PRIVATE)
@pytest.mark.parametrize("public", PUBLIC)
def test_a_public_name_never_becomes_a_private_one(public: str, private: str) -> None:
    guard = PeerGuard("api.example.org")
    guard.check(public)
    guard.check(public)

    with pytest.raises(RedirectRefused, match=r"api\.example\.org resolves to the private address"):
        guard.check(private)


@pytest.mark.parametrize("private", PRIVATE)
def test_a_name_of_the_own_network_stays_one(private: str) -> None:
    guard = PeerGuard("gitlab.lan")

    guard.check(private)
    guard.check(private)


async def test_nothing_is_sent_there(server: FaultServer, make: MakeTransport) -> None:
    server.plays(answer(b"[1]"))
    transport = make()
    assert transport._peers is not None
    transport._peers.check(PUBLIC[0])

    with pytest.raises(RedirectRefused, match=r"private address 127\.0\.0\.1"):
        await transport.send(get(), {})

    assert server.requests == []
    gc.collect()  # a connection that was left open would fail this test

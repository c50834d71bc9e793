"""Which user of this machine connects."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from tui.serve import peer
from tui.serve.peer import find_owner

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="no table of sockets")
CLIENT, SERVER = (ip_address("127.0.0.1"), 0xC001), (ip_address("127.0.0.1"), 8000)


def row(client: str = "0100007F:C001", server: str = "0100007F:1F40", state: str = "01", inode: int = 7) -> str:
    return f"   3: {client} {server} {state} 00000000:00000000 00:00000000 00000000  1000        0 {inode} 1 0 20 4 30"


MAPPED = "0000000000000000FFFF00000100007F"
"""127.0.0.1 as an address of IPv6, as the kernel writes it on a machine of little endian."""


@pytest.mark.skipif(sys.byteorder != "little", reason="the rows above are of little endian")
@pytest.mark.parametrize(
    ("line", "user"),
    [
        (row(), 1000),
        (row(client=f"{MAPPED}:C001", server=f"{MAPPED}:1F40"), 1000),
        (row(client="0100007F:1F40", server="0100007F:C001"), None),  # our own end
        (row(client="0100007F:C002"), None),
        (row(server="0200007F:1F40"), None),
        (row(state="06", inode=0), None),
        (row(state="04", inode=0), None),
        (row(state="01", inode=0), None),
        ("", None),
        ("a row of another form", None),
    ],
)
def test_only_the_established_socket_of_the_client_tells_its_owner(line: str, user: int | None) -> None:
    assert find_owner(["", line], CLIENT, SERVER) == user


@contextmanager
def another_user() -> Iterator[None]:
    """Be another user: a socket belongs to whom its process is while it makes it."""
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def connected(family: socket.AddressFamily, host: str) -> Iterator[tuple[socket.socket, socket.socket]]:
    with (
        socket.create_server((host, 0), family=family) as listening,
        socket.create_connection(listening.getsockname()[:2]) as client,
        listening.accept()[0] as server,
    ):
        yield client, server


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")], ids=["IPv4", "IPv6"]
)
def test_a_connection_of_our_own_is_told(family: socket.AddressFamily, host: str) -> None:
    try:
        with connected(family, host) as (_, server):
            assert peer.owner(server.getpeername(), server.getsockname()) == os.geteuid()
    except OSError:
        assert family is socket.AF_INET6, "a machine without IPv6"
    assert peer.can_tell()


def test_a_connection_that_its_client_has_closed_is_nobodys_and_not_roots() -> None:
    with connected(socket.AF_INET, "127.0.0.1") as (client, server):
        ends = server.getpeername(), server.getsockname()
        client.close()

        assert peer.owner(*ends) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_a_connection_of_another_user_is_told() -> None:
    with another_user(), connected(socket.AF_INET, "127.0.0.1") as (_, server):
        ends = server.getpeername(), server.getsockname()
        assert peer.owner(*ends) == 65534

"""Which user of this machine is at the other end of a connection.

TCP does not say who connects, but Linux lists the sockets of the machine with their owners
(https://man7.org/linux/man-pages/man5/proc_pid_net.5.html): the client's own socket is the row whose ends are ours,
exchanged.
"""

import os
import socket
import sys
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any, Final

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED: Final = "01"
Address = tuple[IPv4Address | IPv6Address, int]


def owner(client: Any, server: Any) -> int | None:
    """Return the user id of the process that has the client's end of a connection; None if that cannot be told.

    Args:
        client: the address of the client's end, as a socket's `getpeername` gives it.
        server: the address of our end, as `getsockname` gives it.
    """
    for table in _TABLES:
        with suppress(OSError):
            found = find_owner(table.read_text(encoding="ascii").splitlines()[1:], _address(client), _address(server))
            if found is not None:
                return found
    return None


def can_tell() -> bool:
    """Return whether this system tells owners, by a connection to ourselves. A sandbox may have an empty table."""
    try:
        with (
            socket.create_server(("127.0.0.1", 0)) as listening,
            socket.create_connection(listening.getsockname()) as client,
            listening.accept()[0] as server,
        ):
            return owner(client.getsockname(), server.getsockname()) == os.geteuid()
    except OSError:
        return False


def find_owner(rows: Iterable[str], client: Address, server: Address) -> int | None:
    """Find the client's socket in the rows of the kernel's table. Pure.

    Only an established socket counts. One that its process has closed already belongs to nobody, and is listed as
    root's.
    """
    for row in rows:
        parts = row.split()
        if len(parts) < 10 or parts[3] != _ESTABLISHED or parts[9] == "0":
            continue
        if _parsed(parts[1]) == client and _parsed(parts[2]) == server:
            return int(parts[7])
    return None


def _parsed(text: str) -> Address:
    """Parse an address such as "0100007F:1F90": words of 32 bits in the order of the machine."""
    host, _, port = text.partition(":")
    data = bytes.fromhex(host)
    if sys.byteorder == "little":
        data = b"".join(data[at : at + 4][::-1] for at in range(0, len(data), 4))
    return _plain(ip_address(data)), int(port, 16)


def _address(name: Any) -> Address:
    return _plain(ip_address(str(name[0]).partition("%")[0])), int(name[1])


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return an IPv4 address that is written as one of IPv6 in its own form."""
    return getattr(address, "ipv4_mapped", None) or address

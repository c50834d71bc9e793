"""Certificates that cannot be trusted. Verifying is never turned off and never tried again blindly."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.common.errors import TlsRefused
from engine.pacing.response.verdict import judge
from engine.transport.http.errors import tls_failure
from engine.transport.http.transport import tls_context
from tests.faults.conftest import MakeTransport
from tests.faults.server import FaultServer, answer, reset_after
from tests.faults.test_transport import get

WRONG_HOST = Path(__file__).with_name("wrong_host.pem")
"""A key and a self-signed certificate for wrong.example, made for this test and used nowhere else."""


@pytest.fixture
async def secure() -> AsyncIterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(WRONG_HOST)
    async with FaultServer(tls=context) as running:
        yield running


async def test_a_self_signed_certificate_is_refused(secure: FaultServer, make: MakeTransport) -> None:
    with pytest.raises(TlsRefused, match="certificate is not trusted: self"):
        await make(base_url=secure.url, ssl_context=tls_context()).send(get(), {})

    assert secure.requests == []


async def test_a_trusted_certificate_for_another_host_is_refused(secure: FaultServer, make: MakeTransport) -> None:
    trusting = ssl.create_default_context(cafile=WRONG_HOST)

    with pytest.raises(TlsRefused, match="certificate is not trusted: IP address mismatch"):
        await make(base_url=secure.url, ssl_context=trusting).send(get(), {})

    assert secure.requests == []


async def test_a_server_without_tls_is_refused(make: MakeTransport) -> None:
    def speak_plainly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak_plainly, "127.0.0.1", 0) as plain:
        port = plain.sockets[0].getsockname()[1]

        with pytest.raises(TlsRefused, match="no TLS with this server: WRONG_VERSION_NUMBER"):
            await make(base_url=f"https://127.0.0.1:{port}").send(get(), {})


async def test_a_certificate_is_never_tried_twice_blindly(secure: FaultServer, make: MakeTransport) -> None:
    with pytest.raises(TlsRefused) as caught:
        await make(base_url=secure.url).send(get(), {})

    verdict = judge(caught.value, attempt=1, retries=4, limits=None, accepted=False, backoff=float)

    assert not verdict.retry


async def test_over_trusted_tls_an_answer_comes_back(secure: FaultServer, make: MakeTransport) -> None:
    trusting = ssl.create_default_context(cafile=WRONG_HOST)
    trusting.check_hostname = False
    secure.plays(answer(b"[1]"), reset_after(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"))

    assert (await make(base_url=secure.url, ssl_context=trusting).send(get(), {})).body == b"[1]"


def test_a_lost_connection_is_no_verdict_on_trust() -> None:
    assert tls_failure(ConnectionResetError("x", ssl.SSLEOFError("eof"))) is None


def test_an_error_that_contains_itself_is_searched_once() -> None:
    error = ValueError("loop")
    error.__context__ = KeyError(error)

    assert tls_failure(error) is None

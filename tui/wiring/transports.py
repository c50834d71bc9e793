"""Builds the transports of a source: HTTP to one or several hosts, git and yt-dlp if the source uses them."""

import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from engine.common.paths import expand
from engine.common.secret import Secret
from engine.config.tables import HttpSettings
from engine.model.capabilities import Checkouts, ClonesRepositories, NamesLimitHeaders
from engine.model.credentials import CredentialProvider
from engine.model.source import Source
from engine.model.ytdlp import UsesYtDlp
from engine.transport.base import Transport
from engine.transport.http.headers import encode
from engine.transport.url import check_base
from engine.transport.wrappers import HeaderRenamingTransport, LazyTransport, Route, RoutingTransport
from tui.wiring.addresses import proxy_for, user_agent

if TYPE_CHECKING:
    from engine.transport.http.bytes_in_flight import BytesInFlight

_PLAIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")
"""Base addresses that every URL parser reads in the same way."""
SPARE_CONNECTIONS = 2
"""Connections above a source's concurrency, so that no request waits for one after a redirect or during a close."""


def git_transport(
    checkouts: Checkouts, *, secret: Secret | None, folder: Path, environ: Mapping[str, str]
) -> Transport:
    """Create the transport that clones repositories.

    Raises:
        UsageError: git is not installed.
    """
    from engine.transport.git.transport import GitTransport  # noqa: PLC0415 -- imports asyncio, which only a harvest needs

    return GitTransport(
        base_url=checkouts.base_url,
        root=expand(checkouts.target, folder),
        secret=secret,
        timeout=checkouts.timeout,
        settings=checkouts.settings,
        environ=environ,
    )


class Transports:
    """Creates transports. They share one TLS context, which takes 20 ms to load and is loaded when first needed."""

    def __init__(self, *, http: HttpSettings, version: str, environ: Mapping[str, str]) -> None:
        self._settings = http
        self._version = version
        self._environ = environ

    def make(
        self,
        source: Source,
        *,
        credentials: CredentialProvider | None,
        git_secret: Secret | None,
        folder: Path,
        workers: int | None = None,
        timeout: float | None = None,
    ) -> Transport:
        """Create the transport of a source.

        Args:
            source: its budgets name the hosts that it sends requests to.
            credentials: sent to the source's own base_url, and to no other host.
            git_secret: sent to the repositories of the source, and to no other host.
            folder: the start of relative paths in the configuration.
            workers: the pinned concurrency, if there is one; it may exceed what the budgets allow.
            timeout: seconds for a whole request; None for the configured one.

        Raises:
            UsageError: a base address is invalid, or git or yt-dlp is missing.
        """
        widest = max([budget.concurrency for budget in source.budgets], default=32)
        connections = max(widest, workers or 0) + SPARE_CONNECTIONS
        own = self._http(source, source.base_url, connections, timeout, credentials)
        names = source.header_names if isinstance(source, NamesLimitHeaders) else {}
        own = HeaderRenamingTransport(own, names) if names else own
        ways: dict[Route, Transport] = {("http", budget.resource): own for budget in source.budgets}
        ways["http", "core"] = own
        for budget in source.budgets:
            if budget.base_url:
                elsewhere = self._http(source, budget.base_url, connections, timeout, None)
                ways["http", budget.resource] = elsewhere
        ways |= self._other_means(source, git_secret, folder)
        return RoutingTransport(ways) if set(ways.values()) != {own} else own

    def _other_means(self, source: Source, secret: Secret | None, folder: Path) -> Mapping[Route, Transport]:
        checkouts = source.checkouts if isinstance(source, ClonesRepositories) else None
        ways: dict[Route, Transport] = {}
        if checkouts is not None:
            ways["git", "git"] = git_transport(checkouts, secret=secret, folder=folder, environ=self._environ)
        if isinstance(source, UsesYtDlp):
            listing = self._ytdlp(source)
            ways |= {("yt-dlp", budget.resource): listing for budget in source.budgets}
        return ways

    def _http(
        self,
        source: Source,
        base_url: str,
        connections: int,
        timeout: float | None,
        credentials: CredentialProvider | None,
    ) -> Transport:
        proxy = proxy_for(base_url, self._environ)

        def make() -> Transport:
            from engine.transport.http.bytes_in_flight import MIB  # noqa: PLC0415 -- likewise
            from engine.transport.http.transport import HttpTransport  # noqa: PLC0415 -- takes 200 ms, which commands that only list save

            return HttpTransport(
                base_url=base_url,
                headers=source.headers,
                credentials=credentials,
                connections=connections,
                user_agent=user_agent(self._version),
                total_timeout=timeout or self._settings.total_timeout,
                body_limit=self._settings.body_limit * MIB,
                bytes_in_flight=self._bytes_in_flight,
                ssl_context=self._tls,
                proxy=proxy,
            )

        if proxy is not None or not _PLAIN.fullmatch(check_base(base_url)):
            return make()  # now, because the HTTP library may refuse the address, and an error must come before the run
        encode(source.headers)
        return LazyTransport(make)

    def _ytdlp(self, source: UsesYtDlp) -> Transport:
        from engine.transport.ytdlp.transport import MIB, YtDlpTransport  # noqa: PLC0415 -- likewise

        return YtDlpTransport(body_limit=self._settings.body_limit * MIB, **source.ytdlp)

    @cached_property
    def _bytes_in_flight(self) -> "BytesInFlight":
        from engine.transport.http.bytes_in_flight import MIB, BytesInFlight  # noqa: PLC0415 -- likewise

        return BytesInFlight(self._settings.bytes_in_flight * MIB)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        from engine.transport.http.transport import tls_context  # noqa: PLC0415 -- likewise

        return tls_context()

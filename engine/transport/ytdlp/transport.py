"""yt-dlp as a transport: one request lists one channel or playlist, in a thread of its own that can be stopped.

yt-dlp blocks on sockets, in its own waits and while parsing. So every listing has a daemon thread and a `YoutubeDL` of
its own (40 ms to make), and none is shared. The lane decides how many run at once.
"""

import asyncio
import ctypes
import gc
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from engine.common.daemon_executor import DaemonExecutor
from engine.common.errors import DeadlineExceeded, UsageError
from engine.common.extras import YTDLP
from engine.common.redaction import LIVE
from engine.common.text import clean
from engine.model.source import Request, Response
from engine.model.ytdlp import listing_of
from engine.transport.base import Transport

MIB: Final = 2**20
_SESSION: Final = 16
"""Characters of the shortest cookie that is taken for a secret. Settings such as a language have fewer."""
STOP_TIMEOUT: Final = 2.0
"""Seconds that `close` waits for the threads it stops. A thread blocked in a socket ends later, at its own timeout."""
RETRY_INTERVAL: Final = 0.02
"""Seconds until a thread that could not be stopped where it was is tried again."""
_INTERRUPTIBLE: Final = frozenset({"yt_dlp", "http", "socket", "ssl"})
"""Packages in whose own code a thread may be stopped.

Inside `threading` or an import, the exception could leave a lock held for ever, and every other thread that wants it
would hang.
"""


class YtDlpTransport(Transport):
    """Lists channels and playlists; `engine.model.ytdlp` defines the request and the response.

    Args:
        cookies_file: cookies in Netscape's format. It is read once and never written; yt-dlp would write it.
        socket_timeout: seconds to wait for a silent server.
        total_timeout: seconds a whole listing may take.
        body_limit: bytes of entries accepted of one listing.
        options: further options of `YoutubeDL`, such as a proxy.

    Raises:
        UsageError: yt-dlp is not installed, or the cookies cannot be read.
    """

    def __init__(
        self,
        *,
        cookies_file: Path | None = None,
        socket_timeout: float = 20.0,
        total_timeout: float = 600.0,
        body_limit: int = 64 * MIB,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        YTDLP.require()
        self._cookies = _read_cookies(cookies_file)
        self._socket_timeout = socket_timeout
        self._total_timeout = total_timeout
        self._body_limit = body_limit
        self._options = dict(options or {})
        self._running: set[Worker] = set()
        self._loader = DaemonExecutor("yt-dlp")

    @property
    def identity(self) -> str:
        """Return the identity: with cookies or without.

        It matters little, as nothing here is requested conditionally.
        """
        return "yt-dlp with cookies" if self._cookies else "yt-dlp"

    async def prepare(self, resource: str) -> None:
        """Load yt-dlp and compile the patterns of all sites, which takes a second.

        A listing that does it on its way leaves so late that its site may have asked for a rest meanwhile.
        """
        from engine.transport.ytdlp.lister import load

        _ = resource
        with suppress(Exception):  # what cannot be loaded fails the listing, which says so
            await asyncio.wrap_future(self._loader.submit(load))

    async def send(self, request: Request, headers: Mapping[str, str]) -> Response:  # noqa: ARG002 -- yt-dlp has its own
        """List what the request asks for. A response with a status other than 200 has a `Refusal` as its body.

        Raises:
            TransportError: no complete listing arrived.
            BadBody: yt-dlp does not understand the site.
        """
        from engine.transport.ytdlp.lister import Lister

        listing = listing_of(request)
        lister = Lister(
            listing=listing,
            cookies=self._cookies,
            socket_timeout=self._socket_timeout,
            body_limit=self._body_limit,
            options=self._options,
        )
        worker = Worker(lister.run, name=f"yt-dlp {clean(request.key, 60)}")
        self._running.add(worker)
        try:
            async with asyncio.timeout(self._total_timeout):
                return await worker.result()
        except TimeoutError as error:
            words = f"{clean(listing.link, 120)}: not listed within {self._total_timeout:g} s"
            raise DeadlineExceeded(words) from error
        finally:
            worker.stop()
            self._running.discard(worker)

    async def close(self) -> None:
        """Stop every listing and wait up to STOP_TIMEOUT for the threads."""
        for worker in list(self._running):
            worker.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_TIMEOUT):
                for worker in list(self._running):
                    await worker.ended.wait()


class Worker:
    """A thread for one listing. `stop` ends it soon: at yt-dlp's next log line, byte or line of Python."""

    def __init__(self, work: Callable[[threading.Event], Response], *, name: str) -> None:
        self.ended = asyncio.Event()
        self._work = work
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._over = False
        self._loop = asyncio.get_running_loop()
        self._future: asyncio.Future[Response] = self._loop.create_future()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def result(self) -> Response:
        """Wait for the listing; raise whatever the thread raised."""
        return await asyncio.shield(self._future)

    def stop(self) -> None:
        """End the thread. A silent socket is left at its own timeout; one that still delivers bytes is left at once."""
        self._stop.set()
        self._future.cancel()
        self._interrupt()

    # Under the lock, `_run` cannot end meanwhile, so the exception cannot hit a thread id that was reused.
    def _interrupt(self) -> None:
        with self._lock:
            if self._over or self._thread.ident is None:
                return
            if _is_interruptible(self._thread.ident):
                target = ctypes.c_ulong(self._thread.ident)
                # https://docs.python.org/3/c-api/init.html#c.PyThreadState_SetAsyncExc: the exception is raised at the
                # thread's next bytecode, not in a blocking call.
                ctypes.pythonapi.PyThreadState_SetAsyncExc(target, ctypes.py_object(_Stopped))
                return
        self._loop.call_later(RETRY_INTERVAL, self._interrupt)

    def _run(self) -> None:
        outcome: Response | BaseException
        try:
            outcome = self._work(self._stop)
        except BaseException as error:  # noqa: BLE001 -- it belongs to whoever waits for the result
            outcome = error
        with self._lock:
            self._over = True
        if self._stop.is_set():
            outcome = _Stopped()  # nobody awaits the outcome any more, and the error holds its socket open,
            gc.collect()  # as do yt-dlp's reference cycles until the collector runs: collect now
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._resolve, outcome)

    def _resolve(self, outcome: Response | BaseException) -> None:
        self.ended.set()
        if self._future.done():
            return
        if isinstance(outcome, BaseException):
            self._future.set_exception(outcome)
        else:
            self._future.set_result(outcome)


class _Stopped(SystemExit):
    """Raised inside a thread to end it.

    A SystemExit passes `except Exception`, and `threading` prints nothing for it.
    """


def _is_interruptible(thread: int) -> bool:
    collects = gc.isenabled()
    gc.disable()  # a collection while frames are listed deadlocks before 3.11.5: python/cpython#106883
    try:
        frame = sys._current_frames().get(thread)  # noqa: SLF001 -- documented for debuggers; there is no other way
    finally:
        if collects:
            gc.enable()
    return frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] in _INTERRUPTIBLE


def _read_cookies(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        cookies = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise UsageError(f"cookies_file {clean(str(file))}: cannot be read: {why}") from error
    for line in cookies.splitlines():
        value = line.rpartition("\t")[2]
        if len(value) >= _SESSION:
            LIVE.learn(value)
    return cookies

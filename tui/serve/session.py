"""The session of one browser: its process, from start to end."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from tui.serve.wire import FocusChanged, Pinged, Resized, Typed, read

END_WITHIN: Final = 20.0
"""Seconds that the process has to end. Its own deadlines are shorter, so only a frozen process reaches this one."""
_TERMINAL: Final = {
    "TEXTUAL_DRIVER": "tui.serve.driver:ServedDriver",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LC_ALL": "C.UTF-8",
}
"""The environment of a terminal in the browser, which replaces that of the server's terminal."""
_FOREIGN: Final = ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY")
"""Variables that describe the server's terminal, and are not passed on."""


class Session(AppService):
    """Runs fetchdeck for one websocket. textual-serve forwards the bytes."""

    def __init__(
        self,
        *,
        argv: Sequence[str],
        hidden: str | None,
        websocket: web.WebSocketResponse,
        end_within: float,
    ) -> None:
        """Build the session. `hidden` is an environment variable that the process does not get."""
        super().__init__(
            "fetchdeck",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=self._close,
            download_manager=DownloadManager(),
        )
        self._websocket = websocket
        self._argv = argv
        self._hidden = hidden
        self._end_within = end_within

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def run(self) -> None:
        """Forward the output of the process; when it ends, close the websocket."""
        try:
            await super().run()
        except ConnectionError:
            pass  # the browser is gone, which ends `listen` too
        finally:
            await self._close()

    async def listen(self) -> None:
        """Forward the messages of the browser, until it is gone or the process has ended."""
        async for message in self._websocket:
            known = read(message.data) if message.type is WSMsgType.TEXT else None
            match known:
                case Typed(text):
                    await self.send_bytes(text.encode())
                case Resized(width, height):
                    await self.set_terminal_size(width, height)
                case Pinged(data):
                    await self._websocket.send_json(["pong", data])
                case FocusChanged(focused):
                    await (self.focus() if focused else self.blur())

    async def ended(self) -> int:
        """Ask the process to end, wait for it, kill it after a timeout, and return its exit code.

        `asyncio.timeout` around `stop` would not work: the task that `stop` waits for treats a cancellation as its own
        end.
        """
        async with asyncio.TaskGroup() as group:
            ending = group.create_task(self._stopped())
            await asyncio.wait([ending], timeout=self._end_within)
            if not ending.done():
                self.signal(signal.SIGKILL)
        return ending.result()

    async def _stopped(self) -> int:
        await self.stop()
        assert self._process is not None
        return await self._process.wait()

    async def _close(self) -> None:
        with suppress(ConnectionError):
            await self._websocket.close()

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        left_out = {*_FOREIGN, self._hidden}
        kept: Mapping[str, str] = super()._build_environment(width, height)
        return {name: value for name, value in kept.items() if name not in left_out} | _TERMINAL

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the process without a shell.

        It gets its own session, so that Ctrl+C in the server's terminal does not reach it.
        """
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "tui.serve.child", *self._argv,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
            env=self._build_environment(width, height), start_new_session=True,
        )  # fmt: skip
        self._stdin = process.stdin
        return process

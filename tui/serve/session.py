"""One browser's session: the process behind it, from its start to its end."""

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

from tui.serve.wire import Looked, Pinged, Resized, Typed, read

END_WITHIN: Final = 20.0
"""Seconds the process has to end; its own deadlines are shorter, so this is for one that is frozen."""
_TERMINAL: Final = {
    "TEXTUAL_DRIVER": "tui.serve.driver:ServedDriver",
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LC_ALL": "C.UTF-8",
}
"""What the browser is, whatever the server's own terminal is."""
_FOREIGN: Final = ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY")
"""What is true of the server's terminal only."""


class Session(AppService):
    """Runs fetchdeck for one websocket. textual-serve passes its bytes on."""

    def __init__(
        self,
        *,
        argv: Sequence[str],
        hidden: str | None,
        websocket: web.WebSocketResponse,
        end_within: float,
    ) -> None:
        """Take what to run. `hidden` is an environment variable that is kept from it."""
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
        """Pass a signal on."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def run(self) -> None:
        """Pass on what the process says; one that ends without a word closes the browser's session as well."""
        try:
            await super().run()
        except ConnectionError:
            pass  # the browser has gone, which `listen` sees
        finally:
            await self._close()

    async def listen(self) -> None:
        """Pass on what the browser says, until it goes or the process has ended."""
        async for message in self._websocket:
            said = read(message.data) if message.type is WSMsgType.TEXT else None
            match said:
                case Typed(text):
                    await self.send_bytes(text.encode())
                case Resized(width, height):
                    await self.set_terminal_size(width, height)
                case Pinged(data):
                    await self._websocket.send_json(["pong", data])
                case Looked(here):
                    await (self.focus() if here else self.blur())

    async def ended(self) -> int:
        """Ask the process to end, wait for it, end it where it does not, and return its exit code.

        A timeout around `stop` would not do: the task it waits for takes a cancellation for its own end.
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
        """Start the process without a shell, and out of reach of the Ctrl+C that is meant for the server."""
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "tui.serve.child", *self._argv,
            stdin=PIPE, stdout=PIPE, stderr=PIPE,
            env=self._build_environment(width, height), start_new_session=True,
        )  # fmt: skip
        self._stdin = process.stdin
        return process

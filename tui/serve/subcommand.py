"""`--serve`: the deck in a browser."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from engine.common.errors import UsageError
from engine.common.extras import TEXTUAL_SERVE
from engine.common.hosts import is_loopback
from engine.common.text import clean
from tui.cli.serve_options import Place, place_of
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.headless.lines import Line, Tone
from tui.headless.printer import Printer
from tui.serve.guard import Guard

if TYPE_CHECKING:
    from aiohttp import web

_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(arguments: argparse.Namespace, argv: Sequence[str]) -> int:
    """Serve until a signal arrives; return the exit code of the session that it ended, 0 if there was none.

    Raises:
        UsageError: something is invalid, before anything is served.
    """
    place = place_of(arguments, os.environ)
    TEXTUAL_SERVE.require()
    if arguments.command != "demo":
        wiring_for(arguments).check(getattr(arguments, "sources", ()))
    return asyncio.run(_serve(place, argv, Printer(sys.stderr, quiet=arguments.quiet)))


async def _serve(place: Place, argv: Sequence[str], printer: Printer) -> int:
    from aiohttp import web  # noqa: PLC0415 -- installed with an extra only, and slow to import

    from tui.serve import peer  # noqa: PLC0415 -- likewise
    from tui.serve.server import DeckServer  # noqa: PLC0415 -- likewise

    told = peer.can_tell()
    server = DeckServer(
        guard=Guard(host=place.host, names=place.names, token=place.token),
        argv=argv,
        hidden=place.token_env,
        owner=peer.owner if told else None,
        report=lambda text: printer.line(Line(verb="Session", source="", text=text, tone=Tone.QUIET)),
    )
    asked = _signals()
    runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, place.host, place.port), place)
        _greet(runner.addresses[0], place, printer, told=told)
        await server.stop(await asked)
    finally:
        await runner.cleanup()
    return Exit.COMPLETE if server.last_code is None else server.last_code


def _signals() -> "asyncio.Future[signal.Signals]":
    """Return a future of the first signal. A signal that is ignored from outside stays ignored."""
    loop = asyncio.get_running_loop()
    first: asyncio.Future[signal.Signals] = loop.create_future()

    def asked(number: signal.Signals) -> None:
        if first.done():
            loop.remove_signal_handler(number)  # the next signal has its default effect
        else:
            first.set_result(number)

    for number in _ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, asked, number)
    return first


async def _listen(site: "web.TCPSite", place: Place) -> None:
    try:
        await site.start()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(
            f"cannot serve at {clean(place.host, 60)} port {place.port}: {clean(reason, 120)};"
            " name another with --host or --port"
        ) from error


def _greet(address: tuple[str, int], place: Place, printer: Printer, *, told: bool) -> None:
    host = f"[{address[0]}]" if ":" in address[0] else address[0]
    printer.line(Line(verb="Serving", source="", text=f"http://{host}:{address[1]}/", tone=Tone.GOOD))
    if place.token is None and not told:
        warning = (
            "this system does not say which user connects: any user of this machine can open it; a token keeps them out"
        )
        printer.line(Line(verb="Note", source="", text=warning, tone=Tone.WARNING))
    if not is_loopback(place.host):
        warning = "the token travels in clear; over an untrusted network use an SSH tunnel or a proxy with TLS"
        printer.line(Line(verb="Note", source="", text=warning, tone=Tone.WARNING))

"""The command `fetchdeck simulator`: a server that runs until it is stopped."""

import argparse
import asyncio
import os
import signal
import sys

import msgspec

from simulator.config import DEFAULT_YEAR, SimulatorConfig
from simulator.options import OptionError, configure
from simulator.process import CHILD, Announcement
from simulator.registry import kind
from simulator.serving.server import PortInUse, Simulator, serve

USAGE_ERROR = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1; 0 takes any (default)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="same seed, same data and faults (default 1)")
    parser.add_argument("--year", type=int, default=DEFAULT_YEAR, metavar="Y", help="when most of the data was made")
    presets = parser.add_mutually_exclusive_group()
    for name, text in (
        ("demo", "small limits that bite within 20 seconds, some faults"),
        ("quiet", "no faults, no latency, limits out of reach"),
        ("real", "the documented limits of the real APIs (default)"),
    ):
        presets.add_argument(f"--{name}", dest="preset", action="store_const", const=name, help=text)
    parser.add_argument("--api", metavar="NAMES", help="only these APIs, separated by commas")
    parser.add_argument(
        "--latency", metavar="[API:]MS", help="milliseconds to serve a request", action="append", default=[]
    )
    parser.add_argument(
        "--workers", metavar="[API:]N", help="requests served at once; 0 is no bound", action="append", default=[]
    )
    parser.add_argument(
        "--fault", metavar="[API:]NAME=RATE", help="a fault by chance, such as 502=0.02", action="append", default=[]
    )
    parser.add_argument(
        "--budget", metavar="API=N/TIME", help="requests in a time, such as github=300/15s", action="append", default=[]
    )
    parser.add_argument("--items", type=int, metavar="N", help="items of the pr0gramm look-alike")
    parser.add_argument("--repos", type=int, metavar="N", help="repositories of each organisation of the GitHub one")
    parser.add_argument(CHILD, action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(preset="real")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl+C or SIGTERM; return the exit code, 2 for wrong options or a port in use."""
    try:
        asyncio.run(_serve(configure(args), args))
    except (OptionError, PortInUse) as error:
        sys.stderr.write(f"simulator: {error}\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        pass
    return 0


async def _serve(config: SimulatorConfig, args: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    if args.child:
        _watch_parent(loop, stop)
    announce = _announce_to_program if args.child else _announce_to_person
    try:
        await serve(config, args.port, announce, stop=stop)
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


def _watch_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Stop when standard input closes. The parent closes it, or the system does when the parent dies."""
    stdin = sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            stop.set()

    loop.add_reader(stdin, read)


def _base_urls(url: str, simulator: Simulator) -> dict[str, str]:
    return {name: f"{url}/{name}{kind(name).path}" for name in simulator.services}


def _announce_to_program(url: str, simulator: Simulator) -> None:
    line = msgspec.json.encode(Announcement(url, _base_urls(url, simulator), os.getpid()))
    sys.stdout.write(f"{line.decode()}\n")
    sys.stdout.flush()


def _announce_to_person(url: str, simulator: Simulator) -> None:
    lines = [f"The simulator listens on {url}. Ctrl+C ends it.", ""]
    for name, base in _base_urls(url, simulator).items():
        lines.append(f'{name:<10} base_url = "{base}"')
    lines += ["", f"What it saw: {url}/_simulator/stats", ""]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()

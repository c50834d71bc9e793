"""`fetchdeck demo`: a harvest from the built-in simulator, with limits low enough to be reached within seconds."""

import argparse
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, build_opener

import humanize
import msgspec

from engine.common.errors import UsageError
from engine.common.extras import YTDLP
from engine.common.paths import config_file, expand, tilde
from engine.common.text import clean
from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from engine.config.validation import Key
from simulator.process import Process, SimulatorDidNotStart, start
from tui.cli.subcommands.demo_channels import write_channels
from tui.cli.subcommands.demo_folder import CHANNELS, CLONES, DATABASE, demo_folder
from tui.cli.subcommands.setup import run_options_of
from tui.common.version import version
from tui.session import Output, harvest
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry

YEAR: Final = 2025
OPTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "github": {"orgs": ["aurora", "basalt"], "year": YEAR},
    "anime": {"ids": [1, 21, 41, 61, 81, 101], "rate": {"anilist": "1/1.1s", "jikan": "1/1.1s"}},
    "rest": {
        "concurrency": 32,
        "limit_headers": {"limit": "X-Calls-Limit", "remaining": "X-Calls-Left", "reset": "X-Calls-Reset"},
        "endpoints": {
            "users": {"path": "/cursors/users", "key": ["id"], "columns": {"id": "id:integer", "name": "name"}},
            "posts": {
                "path": "/users/{parent.id}/posts",
                "parent": "users",
                "key": ["id"],
                "columns": {"id": "id:integer", "author": "parent.name", "title": "title"},
            },
        },
    },
    "gitlab": {"instance": True, "include": ["*-0", "*-1"]},
    "pr0gramm": {"rate": "50/5s", "concurrency": 16},
}
"""The options of each source, which match the simulator's preset `--demo`."""
HOSTS: Final[Mapping[str, Mapping[str, str]]] = {"anime": {"base_url": "anilist", "jikan_url": "jikan"}}
"""For a source whose simulated APIs are not named after it: the option that takes the address of each."""
TOKEN_ENV: Final = "FETCHDECK_DEMO_TOKEN"  # noqa: S105 -- the name of a variable
"""The variable that replaces each source's own ones, so that a real token is never sent to the simulator."""


def run(arguments: argparse.Namespace) -> int:
    """Start the simulator, harvest it, and print where the rows are."""
    spare = [expand(file) for file in (arguments.db, arguments.config) if file]
    with demo_folder(keep=arguments.db is None, spare=spare) as folder, _simulator() as simulator:
        registry = Registry()
        wiring = wiring_to(simulator.base_urls, arguments, registry, folder)
        return harvest(
            wiring,
            names=sorted(addresses(simulator.base_urls, registry).keys() & offered(registry)),
            output=Output.of(arguments),
            simulator=lambda: stats(simulator.url),
            after=lambda: whereabouts(wiring.database, kept=arguments.db is not None),
        )


def wiring_to(base_urls: Mapping[str, str], arguments: argparse.Namespace, registry: Registry, folder: Path) -> Wiring:
    """Build the wiring of a demo: its own database, no real token, and no configuration file unless one is named.

    `folder` takes the other files of the demo: clones, channel files, and the database unless one is named.

    Raises:
        UsageError: the configuration or an override is invalid.
    """
    overrides = [*_demo_values(base_urls, registry, folder), *(parse_override(text) for text in arguments.settings)]
    file = expand(arguments.config) if arguments.config else config_file().with_name("demo.toml")
    return Wiring(
        settings=load_settings(file, required=bool(arguments.config), overrides=overrides),
        registry=registry,
        environ={TOKEN_ENV: "demo"},
        version=version(),
        database=expand(arguments.db) if arguments.db else folder / DATABASE,
        run_options=run_options_of(arguments),
    )


def whereabouts(database: Path, *, kept: bool) -> str:
    """Return a line about the database: its path, its size, whether it is kept, and how to look into it."""
    if not database.exists():
        return f"{tilde(database)} was removed meanwhile"
    size = humanize.naturalsize(database.stat().st_size, format="%.0f")
    stays = "" if kept else "; the next demo removes it, --db FILE keeps one"
    return f'{tilde(database)} ({size}{stays}; look into it: sqlite3 {shlex.quote(str(database))} ".tables")'


def offered(registry: Registry) -> set[str]:
    """Return the sources that the demo can show: videos only if yt-dlp is installed."""
    return set(registry.names()) - (set() if YTDLP.is_installed else {"videos"})


def stats(url: str) -> Mapping[str, Any]:
    """Return the simulator's counters."""
    with build_opener(ProxyHandler({})).open(f"{url}/_simulator/stats", timeout=10) as answer:
        found: Mapping[str, Any] = msgspec.json.decode(answer.read())
    return found


def _simulator() -> Process:
    try:
        return start(["--demo", "--year", str(YEAR)])
    except SimulatorDidNotStart as error:
        raise UsageError(clean(str(error), 300)) from error


def _demo_values(base_urls: Mapping[str, str], registry: Registry, folder: Path) -> Iterator[tuple[Key, Any]]:
    for name, addressed in sorted(addresses(base_urls, registry).items()):
        values = {**addressed, "token_env": TOKEN_ENV, **OPTIONS.get(name, {})}
        if name == "gitlab" and shutil.which("git"):
            values |= {"clone": True, "target": str(folder / CLONES), "git_concurrency": 2}
        if name == "videos":
            channels = folder / CHANNELS
            write_channels(base_urls[name], channels)
            values["channels_dir"] = str(channels)
        for key, value in values.items():
            yield ("sources", name, key), value


def addresses(base_urls: Mapping[str, str], registry: Registry) -> Mapping[str, Mapping[str, str]]:
    """Return, for each source that the simulator serves, the options that point to it."""
    hosts = {name: HOSTS.get(name, {"base_url": name}) for name in registry.names()}
    return {
        name: {option: base_urls[served] for option, served in served_by.items()}
        for name, served_by in hosts.items()
        if base_urls.keys() >= set(served_by.values())
    }

"""The channel files of the demo's videos source: one for each channel of the simulated site."""

from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import msgspec
import tomli_w

from engine.common.atomic_file import open_atomic
from engine.common.private_files import make_folder


def write_channels(base_url: str, folder: Path) -> None:
    """Request the channels of the simulated site and write a file for each.

    Raises:
        OSError: the site does not answer, or the folder cannot be written.
    """
    with build_opener(ProxyHandler({})).open(f"{base_url}/channels", timeout=10) as answer:
        channels = msgspec.json.decode(answer.read(), type=list[dict[str, str]])
    make_folder(folder)
    for channel in channels:
        values = {"link": channel["feed"], "target_folder": channel["name"]}
        with open_atomic(folder / f"{channel['name']}.toml", mode=0o600) as stream:
            stream.write(tomli_w.dumps(values).encode())

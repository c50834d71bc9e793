"""git beside the API, as the wiring puts it."""

from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

from engine.common.errors import ConnectFailed, UsageError
from engine.config.overrides import parse_override
from engine.config.settings import load_settings
from engine.model.source import Request
from engine.transport.wrappers import RoutingTransport
from tui.wiring.builder import Wiring
from tui.wiring.registry import GROUP, Registry

SHIPPED = [EntryPoint("gitlab", "sources.gitlab.source:GitLab", GROUP)]
HERE = ('gitlab.groups=["a"]', "gitlab.base_url=http://127.0.0.1:1/lab/api/v4")


def wiring(folder: Path, *overrides: str, path: str | None = None) -> Wiring:
    settings = load_settings(folder / "config.toml", overrides=map(parse_override, (*HERE, *overrides)))
    environ = {"GITLAB_TOKEN": "glpat", **({"PATH": path} if path else {})}
    return Wiring(settings=settings, registry=Registry(SHIPPED), environ=environ, version="1")


async def test_a_source_that_clones_has_two_ways(tmp_path: Path) -> None:
    built = wiring(tmp_path, "gitlab.clone=true", "gitlab.target=mirror")
    transport = built.transport(built.prepare("gitlab"))
    job = {"project": 1, "folder": "../out"}

    answer = await transport.send(Request(key="g", url="/a.git", via="git", resource="git", json=job), {})
    with pytest.raises(ConnectFailed):
        await transport.send(Request(key="check", url="/"), {})
    with pytest.raises(ConnectFailed):
        await transport.send(Request(key="a", url="/groups", resource="api"), {})
    await transport.close()

    assert isinstance(transport, RoutingTransport)
    assert (answer.status, msgspec.json.decode(answer.body)["state"]) == (409, "taken")
    assert (tmp_path / "mirror").is_dir()


async def test_a_source_that_does_not_clone_needs_no_git(tmp_path: Path) -> None:
    built = wiring(tmp_path, path="/nowhere")
    transport = built.transport(built.prepare("gitlab"))
    await transport.close()

    assert not isinstance(transport, RoutingTransport)


def test_without_git_a_clone_is_refused_before_the_start(tmp_path: Path) -> None:
    built = wiring(tmp_path, "gitlab.clone=true", "gitlab.target=mirror", path="/nowhere")

    with pytest.raises(UsageError, match="install git"):
        built.transport(built.prepare("gitlab"))


def test_clone_without_a_target_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gitlab.*clone = true needs target"):
        wiring(tmp_path, "gitlab.clone=true").prepare("gitlab")

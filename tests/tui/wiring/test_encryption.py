"""A secret travels without encryption only to this machine, or where the person has allowed it."""

from pathlib import Path

import pytest

from engine.common.errors import ConfigError
from engine.config.settings import load_settings
from tui.wiring.builder import Wiring
from tui.wiring.registry import Registry


def transport(folder: Path, address: str, keys: str = "", **environ: str) -> None:
    file = folder / "c.toml"
    file.write_text(f'[sources.github]\norgs = ["python"]\nbase_url = "{address}"\n{keys}')
    wiring = Wiring(settings=load_settings(file), registry=Registry(), environ=environ, version="1")
    wiring.transport(wiring.prepare("github"))


def test_a_secret_over_http_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        transport(tmp_path, "http://github.example.com/api/v3", GITHUB_TOKEN="s3cret")

    said = str(refused.value)
    assert said.endswith(
        'sources.github.base_url: got "http://github.example.com/api/v3", where the secret of GITHUB_TOKEN would travel'
        " unencrypted; want https://, or set allow_http = true in [sources.github]"
    )
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("address", "keys", "environ"),
    [
        ("http://github.example.com/api/v3", "allow_http = true", {"GITHUB_TOKEN": "s3cret"}),
        ("http://127.0.0.1:8000", "", {"GITHUB_TOKEN": "s3cret"}),
        ("https://github.example.com/api/v3", "", {"GITHUB_TOKEN": "s3cret"}),
        ("http://github.example.com/api/v3", "", {}),
    ],
)
def test_everything_else_is_sent(tmp_path: Path, address: str, keys: str, environ: dict[str, str]) -> None:
    transport(tmp_path, address, keys, **environ)

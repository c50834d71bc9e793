"""Settings written into a configuration that is somebody's own."""

import stat
import tomllib
from pathlib import Path

import pytest

from engine.common.errors import ConfigError
from engine.config.settings import load_settings
from tui.app.config_writer import ConfigWriter

MINE = """# mine
database = "x.db"   # there

[sources.github] # work
orgs = ["python"]
cap = 3 # why three

# the other one
[sources.gitlab]
groups = ["g"]
"""


def test_comments_and_order_stay_and_only_what_was_changed_is_another(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE, encoding="utf-8")

    ConfigWriter(file).save("github", {"cap": 12, "rules": ("keep 5",)})

    text = file.read_text(encoding="utf-8")
    assert text == MINE.replace("cap = 3 #", "cap = 12 #").replace("# why three\n", '# why three\nrules = ["keep 5"]\n')
    assert load_settings(file).source("github").common.cap == 12


def test_none_takes_a_setting_out(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE, encoding="utf-8")

    ConfigWriter(file).save("github", {"cap": None, "workers": None})

    assert "cap" not in tomllib.loads(file.read_text(encoding="utf-8"))["sources"]["github"]


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"

    ConfigWriter(file).save("anime", {"policy": "fixed 2"})

    assert file.read_text(encoding="utf-8") == '[sources.anime]\npolicy = "fixed 2"\n'
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_permissions_stay_and_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text(MINE, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)

    ConfigWriter(link).save("github", {"cap": 4})

    assert link.is_symlink()
    assert "cap = 4" in real.read_text(encoding="utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(one.name for one in tmp_path.iterdir()) == ["config.toml", "dotfiles.toml"]


def test_a_file_that_was_edited_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(MINE, encoding="utf-8")
    writer = ConfigWriter(file)
    writer.save("github", {"cap": 4})
    theirs = file.read_text(encoding="utf-8") + "# and a thought\n"
    file.write_text(theirs, encoding="utf-8")

    with pytest.raises(ConfigError, match="has changed since it was read: nothing was written"):
        writer.save("github", {"cap": 5})

    assert file.read_text(encoding="utf-8") == theirs


@pytest.mark.parametrize("text", ["sources = 3\n", "[sources]\ngithub = [1]\n"])
def test_what_cannot_be_edited_so_is_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"write it into \[sources\.github\] yourself"):
        ConfigWriter(file).save("github", {"cap": 5})

    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "text",
    [
        'sources.github.orgs = ["a"]\nsources.gitlab.groups = ["b"]\n',
        '[sources]\ngithub = { orgs = ["a"] }\n',
        "[sources.github.nested]\na = 1\n[http]\nbody_limit = 3\n",
        "[http]\r\nbody_limit = 3\r\n",
    ],
)
def test_every_way_to_write_a_table_is_understood(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode())
    before = tomllib.loads(text)

    ConfigWriter(file).save("github", {"cap": 5})

    after = tomllib.loads(file.read_bytes().decode())
    assert after["sources"]["github"].pop("cap") == 5
    assert after == before | {"sources": {**after["sources"], **before.get("sources", {})}}


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")

    with pytest.raises(ConfigError, match="cannot be written"):
        ConfigWriter(blocked / "config.toml").save("github", {"cap": 5})

"""`fetchdeck init` by options alone."""

import json
import os
import stat
from pathlib import Path

from simulator.config import quiet
from simulator.testing import running
from tests.tui.command import complaint, fetchdeck, launch

MINE = '# mine\ntheme = "ember"   # pretty\n\n[sources.github]\norgs = ["psf"] # psf!\n'
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def mine(home: Path) -> Path:
    file = home / ".config" / "fetchdeck" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(MINE)
    return file


def test_what_it_wrote_passes_the_check_and_harvests(tmp_path: Path) -> None:
    with running(quiet()) as simulator:
        options = ["--set", f"github.base_url={simulator.base_url('github')}", "--set", 'github.orgs=["aurora"]']

        made = fetchdeck(tmp_path, "init", "--source", "github", *options)
        checked = fetchdeck(tmp_path, "check")
        harvested = fetchdeck(tmp_path, "run", "--headless", "--json", "--limit", "3")

    file = tmp_path / ".config" / "fetchdeck" / "config.toml"
    assert made.returncode == 0, made.stderr
    wrote, token, after = made.stdout.splitlines()
    assert wrote == "✓ configuration: wrote ~/.config/fetchdeck/config.toml"
    assert token.startswith("✓ github: no token (FETCHDECK_GITHUB_TOKEN or GITHUB_TOKEN or GH_TOKEN)")
    assert token.endswith("; `fetchdeck token set github` keeps one in the keyring")
    assert after == "next: `fetchdeck check` asks every API once, `fetchdeck` begins"
    assert "# logins as in github.com/LOGIN, all of whose repositories count\norgs = [" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert checked.returncode == 0, checked.stdout
    assert json.loads(harvested.stdout)["database"] == str(tmp_path / ".local" / "share" / "fetchdeck" / "harvest.db")


def test_a_file_that_is_there_is_added_to_only_when_that_was_said(tmp_path: Path) -> None:
    file = mine(tmp_path)
    file.chmod(0o640)
    wanted = ["init", "--source", "anime", "--set", "anime.ids=[1]"]

    refused = complaint(fetchdeck(tmp_path, *wanted))
    unchanged = file.read_text()
    added = fetchdeck(tmp_path, *wanted, "--yes")
    again = fetchdeck(tmp_path, *wanted)

    assert refused.startswith("~/.config/fetchdeck/config.toml exists: --yes puts in sources.anime, sources.anime.ids")
    assert unchanged == MINE
    assert file.read_text() == MINE + (
        "\n[sources.anime]\n# one franchise each, by the number in anilist.co/anime/NUMBER\nids = [1]\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert added.returncode == 0
    assert again.stdout.startswith("✓ configuration: ~/.config/fetchdeck/config.toml says so already\n")


def test_a_link_to_a_file_kept_elsewhere_stays_a_link(tmp_path: Path) -> None:
    file = mine(tmp_path)
    file.rename(tmp_path / "dotfile.toml")
    file.symlink_to(tmp_path / "dotfile.toml")

    fetchdeck(tmp_path, "init", "--set", "github.year=2024", "--yes")

    assert file.is_symlink()
    assert "year = 2024" in (tmp_path / "dotfile.toml").read_text()


def test_another_place_and_another_database_may_be_named(tmp_path: Path) -> None:
    options = ["--config", "work.toml", "--db", "work.db", "--set", 'github.repos=["a/b"]']

    fetchdeck(tmp_path, "init", *options)

    text = (tmp_path / "work.toml").read_text()
    assert 'database = "work.db"' in text
    assert 'repos = ["a/b"]' in text
    assert "✓ database: " in fetchdeck(tmp_path, "check", "--config", "work.toml").stdout


def test_a_further_rest_source_is_made_by_its_kind(tmp_path: Path) -> None:
    options = ["news.kind=rest", "news.base_url=https://example.org", "news.endpoints.stories.path=/stories"]

    made = fetchdeck(tmp_path, "init", *(word for one in options for word in ("--set", one)))

    assert "✓ news: no token needed" in made.stdout


def test_an_answer_that_would_stop_the_source_writes_nothing(tmp_path: Path) -> None:
    said = [
        complaint(fetchdeck(tmp_path, "init", *arguments))
        for arguments in (
            ["--source", "github"],
            ["--set", "github.year=20"],
            ["--set", "github.yaer=2024"],
            ["--source", "gitub"],
            ["--set", "news.kind=rset"],
            [],
        )
    ]

    assert said[0].startswith("github: nothing to fetch: set orgs, users or repos")
    assert said[1].startswith("github: year: got 20, want a whole number from 1970")
    assert said[2].startswith('github: yaer: unknown key, did you mean "year"?')
    assert said[3].startswith('there is no source "gitub"')
    assert said[4].startswith('there is no source "rset"')
    assert said[5].startswith("name what to harvest, as in `fetchdeck init --source github --set github.orgs=")
    assert not (tmp_path / ".config").exists()


def test_a_file_that_is_wrong_is_put_right_first(tmp_path: Path) -> None:
    file = mine(tmp_path)
    file.write_text("theme = \n")

    assert "line 1" in complaint(fetchdeck(tmp_path, "init", "--set", "github.year=2024", "--yes"))
    assert file.read_text() == "theme = \n"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".config").write_text("no folder")

    assert "config.toml" in complaint(fetchdeck(tmp_path, "init", "--set", 'github.orgs=["psf"]'))


def test_a_token_that_is_there_is_named_and_never_written(tmp_path: Path) -> None:
    made = launch(tmp_path, "init", "--set", 'github.orgs=["psf"]', GITHUB_TOKEN="s3cret", **NO_KEYRING)

    assert "✓ github: token from GITHUB_TOKEN\n" in made.stdout
    written = [Path(folder, name) for folder, _, names in os.walk(tmp_path) for name in names]
    assert written
    assert not any(b"s3cret" in file.read_bytes() for file in written)

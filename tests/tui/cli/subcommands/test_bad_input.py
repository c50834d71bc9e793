"""Bad input: a one-line error with the way out, exit code 2, nothing lost."""

import os
import socket
import sqlite3
from pathlib import Path

import pytest

from tests.tui.command import complaint, fetchdeck


def test_an_unknown_source_leads_to_the_nearest(tmp_path: Path) -> None:
    message = complaint(fetchdeck(tmp_path, "run", "gihub"))

    assert message.startswith('there is no source "gihub": did you mean "github"? There are: ')
    assert "pr0gramm" in message


def test_broken_toml_is_named_with_file_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[sources.github]\norgs = [python]\n")

    message = complaint(fetchdeck(tmp_path, "run", "github", "--config", "mine.toml"))

    assert (
        message == "~/mine.toml: line 2, column 9, at orgs: invalid value; a text stands in quotes, a list in brackets"
    )


def test_a_configuration_named_in_the_environment_counts(tmp_path: Path) -> None:
    message = complaint(fetchdeck(tmp_path, "sources", FETCHDECK_CONFIG="none.toml"))

    assert message.startswith("~/none.toml: there is no such file")


def test_a_token_file_that_others_can_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret")
    (tmp_path / "token").chmod(0o644)
    (tmp_path / "c.toml").write_text('[sources.github]\norgs = ["python"]\ntoken_file = "token"\n')

    message = complaint(fetchdeck(tmp_path, "run", "--config", "c.toml", "--trust"))

    assert message.endswith("(mode 0644); run: chmod 600 ~/token")


def test_a_token_no_header_can_carry_is_not_shown(tmp_path: Path) -> None:
    message = complaint(fetchdeck(tmp_path, "run", "github", "--set", 'github.orgs=["a"]', GITHUB_TOKEN="s3cret two"))

    assert message.startswith("GITHUB_TOKEN: holds characters no token has")
    assert "s3cret" not in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)

    message = complaint(fetchdeck(tmp_path, "run", "pr0gramm", "--db", "closed/rows.db"))

    assert "cannot write the database" in message
    assert message.endswith("name a place you can write to with --db")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    message = complaint(fetchdeck(tmp_path, "run", "pr0gramm", "--db", "file/rows.db"))

    assert "cannot write the database" in message
    assert "--db" in message


@pytest.mark.parametrize("command", [("run", "pr0gramm"), ("sources",)])
def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "notes.txt").write_text("my only copy of these notes, and longer than a header of a database\n" * 9)
    before = (tmp_path / "notes.txt").read_bytes()

    message = complaint(fetchdeck(tmp_path, *command, "--db", "notes.txt"))

    assert "--db" in message
    assert (tmp_path / "notes.txt").read_bytes() == before


def test_another_programs_database_is_refused_and_kept(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("create table mine(a)")
    db.close()
    before = (tmp_path / "other.db").read_bytes()

    message = complaint(fetchdeck(tmp_path, "run", "pr0gramm", "--db", "other.db"))

    assert "--db" in message
    assert (tmp_path / "other.db").read_bytes() == before


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        ended = fetchdeck(tmp_path, "simulator", "--port", str(port))

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert str(port) in ended.stderr


def test_nothing_is_harvested_where_nothing_is_named(tmp_path: Path) -> None:
    assert "name at least one source" in complaint(fetchdeck(tmp_path, "run"))


def test_choosing_needs_a_terminal(tmp_path: Path) -> None:
    assert complaint(fetchdeck(tmp_path)).startswith("choosing sources needs a terminal")


def test_an_unknown_option_prints_no_usage(tmp_path: Path) -> None:
    assert complaint(fetchdeck(tmp_path, "run", "--lmit", "3")) == 'unknown option "--lmit": did you mean "--limit"?'


SHOP = '[sources.shop]\nkind = "rest"\nbase_url = "https://api.example.org"\nendpoints.items.path = "/items"\n'


def test_a_source_of_ones_own_is_among_those_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(SHOP)

    message = complaint(fetchdeck(tmp_path, "--config", "shop.toml", "plan", "shopp"))

    assert 'there is no source "shopp": did you mean "shop"? There are: ' in message
    assert ", shop, " in message


def test_a_missing_file_that_a_variable_names_is_told_with_the_variable(tmp_path: Path) -> None:
    message = complaint(fetchdeck(tmp_path, "sources", FETCHDECK_CONFIG="none.toml"))

    assert message == (
        "~/none.toml: there is no such file; FETCHDECK_CONFIG names it: `fetchdeck init` creates it, or change or unset"
        " FETCHDECK_CONFIG"
    )


def test_a_kind_of_source_is_listed_as_one_and_not_as_a_source_with_a_problem(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(SHOP)

    ran = fetchdeck(tmp_path, "--config", "shop.toml", "sources")

    assert "\nshop  items of api.example.org" in ran.stdout
    assert "base_url: is missing" not in ran.stdout
    assert ran.stdout.endswith("rest  sources of your own: `fetchdeck init URL` writes one, docs/rest.md tells more\n")


def test_a_variable_that_is_no_setting_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text(SHOP + 'auth = { type = "bearer", env = "FETCHDECK_KEY" }\n')
    known = {
        "FETCHDECK_KEY": "x",
        "FETCHDECK_PR0GRAMM_ME": "x",
        "FETCHDECK_GITHUB_TOKEN": "x",
        "FETCHDECK_THEME": "paper",
    }

    ran = fetchdeck(tmp_path, "--config", "shop.toml", "check", "--offline", FETCHDECK_FOO="x", **known)

    (line,) = ran.stderr.splitlines()
    assert line.startswith("fetchdeck: FETCHDECK_FOO is no setting and changes nothing")
    assert ran.returncode == 0

"""What is not installed is named together with the command that installs it."""

import re
import tomllib
from pathlib import Path

import pytest

from engine.common import extras
from engine.common.errors import UsageError
from engine.common.extras import Extra

EVERY = [extras.YTDLP, extras.PYARROW, extras.KEYRING, extras.TEXTUAL_SERVE]


def test_what_is_missing_is_named_with_the_way_to_get_it() -> None:
    missing = Extra("yt-dlp", "no_such_module_anywhere", "videos")

    assert not missing.is_installed
    with pytest.raises(UsageError, match=r"yt-dlp is not installed: pip install 'fetchdeck\[videos\]' \(with pipx: "):
        missing.require()


def test_what_is_there_is_not_imported_and_not_complained_about() -> None:
    there = Extra("json", "json", "videos")

    there.require()

    assert there.is_installed


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.package)
def test_every_extra_is_one_of_pyproject(one: Extra) -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

    packages = [re.split(r"[<>=]", wanted)[0] for wanted in project["optional-dependencies"][one.extra]]

    assert one.package in packages

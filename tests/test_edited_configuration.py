"""A configuration that is edited while a real harvest runs without a screen."""

import json
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest

from tests.api_server import Answer, Asked, serving
from tests.tui.command import environment

PATIENCE = 280.0
"""Seconds that the harvest may take on a busy machine."""


@pytest.mark.slow
def test_an_edit_is_told_in_the_lines_and_the_summary_and_changes_nothing(tmp_path: Path) -> None:
    asked, edited = Event(), Event()

    def answer(_request: Asked) -> Answer:
        asked.set()
        edited.wait(PATIENCE)
        return Answer(body=[{"id": 1}])

    with serving(answer) as api:
        configuration = tmp_path / "shop.toml"
        text = f"""
            database = "rows.db"
            [http]
            total_timeout = 3600
            [sources.shop]
            kind = "rest"
            base_url = "{api.url}"
            workers = 5
            [sources.shop.endpoints.items]
            path = "/items"
            key = ["id"]
        """
        configuration.write_text(text)
        harvest = subprocess.Popen(
            [sys.executable, "-m", "tui", "run", "shop", "--headless", "--json", "--config", str(configuration)],
            cwd=tmp_path, env=environment(tmp_path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert asked.wait(PATIENCE)
            configuration.write_text(text.replace("workers = 5", "workers = 5\nwokers = 8"))
            broken = _says(harvest, "wokers")
            configuration.write_text(text.replace("workers = 5", "workers = 8"))
            useful = _says(harvest, "a restart would")
            edited.set()
            out, err = harvest.communicate(timeout=PATIENCE)
        finally:
            edited.set()
            harvest.kill()

    summary = json.loads(out)
    assert "is broken, so the old one stays: ~/shop.toml: sources.shop.wokers: unknown key" in broken
    assert "a restart would change sources.shop.workers from 5 to 8" in useful
    assert harvest.returncode == 0, err
    assert summary["sources"]["shop"]["rows"] == {"shop_items": 1}
    assert summary["configuration"]["problem"] is None
    assert summary["configuration"]["changes"] == [{"key": "sources.shop.workers", "old": "5", "new": "8"}]


def _says(harvest: "subprocess.Popen[str]", word: str) -> str:
    """Read the lines of a harvest until one has the word."""
    assert harvest.stderr is not None
    while word not in (line := harvest.stderr.readline()):
        assert line, "it has ended"
    return line

"""What `fetchdeck check` finds out about an API, and how it says it."""

from pathlib import Path

import pytest

from engine.common.errors import ConnectFailed, StoreUnusable, TransportError
from engine.config.settings import Origin, SourceSettings
from engine.model.source import Response
from tests.fakes import FakeSource, FakeTransport, answer
from tui.cli.subcommands.check import reached
from tui.cli.subcommands.findings import Finding, usable_folder
from tui.wiring.configured_source import ConfiguredSource


def found(result: Response | TransportError) -> Finding:
    settings = SourceSettings(name="fake", origin=Origin(file=Path("c.toml")))
    configured = ConfiguredSource(source=FakeSource(), settings=settings, credential=None)
    return reached(configured, FakeTransport(lambda request, tries: result, latency=0))


@pytest.mark.parametrize("status", [200, 403, 404, 429])
def test_any_answer_shows_that_an_api_is_there(status: int) -> None:
    finding = found(answer(status=status))

    assert finding.well
    assert finding.detail == f"http://fake answers ({status}, 0.10 s)"


@pytest.mark.parametrize(
    ("result", "detail"),
    [
        (answer(status=401), "http://fake refuses the token (401): make a new one"),
        (answer(status=503), "http://fake is ailing (503): try later"),
        (
            ConnectFailed("refused"),
            "http://fake cannot be reached: refused; check the network, the proxy and base_url",
        ),
    ],
)
def test_what_would_stop_a_harvest_is_named_with_the_way_out(result: Response | TransportError, detail: str) -> None:
    finding = found(result)

    assert not finding.well
    assert finding.detail == detail


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", "✓✗"), ("ascii", "on"), ("no-such", "on")])
def test_signs_are_those_the_terminal_has(encoding: str, signs: str) -> None:
    lines = [Finding(well=well, what="x", detail="y").text(encoding) for well in (True, False)]

    assert lines[0][0] + lines[1][0] == signs


def test_a_finding_is_one_safe_line() -> None:
    line = Finding(well=False, what="x", detail="a\nb\x1b[31m").text("utf-8")

    assert line.isprintable()


def test_a_database_may_be_made_in_folders_that_are_not_there_yet(tmp_path: Path) -> None:
    usable_folder(tmp_path / "a" / "b" / "rows.db")

    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreUnusable, match="--db"):
        usable_folder(tmp_path / "file" / "rows.db")

"""What a database remembers, read without a run."""

from pathlib import Path

from engine.recall import recall
from sources.pr0gramm import Pr0gramm
from sources.pr0gramm_options import Pr0grammOptions

SOURCE = Pr0gramm(Pr0grammOptions())


def test_without_a_database_nothing_is_remembered(tmp_path: Path) -> None:
    recalled = recall(tmp_path / "none.db", SOURCE, now=1_740_830_400.0, full=True)

    assert (recalled.memory.cursors, recalled.memory.covered, recalled.quotas) == ({}, {}, {})
    assert recalled.memory.started.isoformat() == "2025-03-01T12:00:00+00:00"
    assert recalled.memory.full
    assert not (tmp_path / "none.db").exists()

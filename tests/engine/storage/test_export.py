"""Tables out of the database, in each format, with nothing in them that acts on anybody."""

import csv
import io
import json
import sqlite3
import tracemalloc
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from engine.common.errors import StoreUnusable, UsageError
from engine.model.source import Column, Record, Table
from engine.storage import runs, source_tables
from engine.storage.export import open_export
from engine.storage.export_formats import inert
from engine.storage.opening import connect

THING = Table("thing", (Column("id", "integer"), Column("title"), Column("score", "real")), ("id",))
HOSTILE = "\x1b]52;c;aGk=\x07 \u202egnp.exe \x9b31m"
needs_pyarrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs the extra `parquet`")


def harvested(
    folder: Path,
    rows: Sequence[tuple[int, str | None, float | None]],
    source: str = "fake",
    page: int | str | None = None,
) -> Path:
    """Make a database with the rows of one run."""
    file = folder / "harvest.db"
    db = connect(file)
    with db:
        runs.begin(db, source, "all", full=False, now=1000.0)
        source_tables.create(db, source, [THING])
        records = [
            Record(
                table="thing", data={"id": id, "title": title, "score": score}, raw=json.dumps({"n": title}).encode()
            )
            for id, title, score in rows
        ]
        source_tables.Writer(source, [THING]).write(db, records, 1000.0, page)
    db.close()
    return file


def exported(file: Path, format_: str, *, raw: bool = False) -> bytes:
    sink = io.BytesIO()
    with open_export(file) as export:
        (table,) = export.choose("all")
        export.write(table, format_, sink, raw=raw)
    return sink.getvalue()


def test_json_lines_have_the_columns_in_the_order_of_their_keys(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(2, "two", None), (1, "one", 0.5)])

    lines = [json.loads(line) for line in exported(file, "jsonl").splitlines()]

    assert lines == [
        {"id": 1, "title": "one", "score": 0.5, "added_at": 1000.0, "changed_at": 1000.0},
        {"id": 2, "title": "two", "score": None, "added_at": 1000.0, "changed_at": 1000.0},
    ]


def test_raw_lines_have_what_the_api_sent(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(1, "one", None)])

    assert json.loads(exported(file, "jsonl", raw=True)) == {
        "source": "fake",
        "endpoint": "thing",
        "data": {"n": "one"},
        "page": None,
    }


@pytest.mark.parametrize("page", [7, "Y3Vyc29yOjI="])
def test_raw_lines_say_which_page_brought_the_row(tmp_path: Path, page: int | str) -> None:
    file = harvested(tmp_path, [(1, "one", None)], page=page)

    assert json.loads(exported(file, "jsonl", raw=True))["page"] == page


def test_a_database_of_before_is_exported_without_pages(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(1, "one", None)], page=7)
    with sqlite3.connect(file) as db:
        db.execute("alter table fake_thing drop column raw_page")
    db.close()

    assert json.loads(exported(file, "jsonl", raw=True))["page"] is None


@pytest.mark.parametrize("raw", [False, True])
def test_json_lines_lose_nothing_and_show_no_terminal_anything(tmp_path: Path, raw: bool) -> None:
    title = HOSTILE + "\U000e0041 é 漢 🙂\n"
    file = harvested(tmp_path, [(1, title, None)])

    body = exported(file, "jsonl", raw=raw)

    line = json.loads(body)
    assert (line["data"]["n"] if raw else line["title"]) == title
    assert all(each.isprintable() for each in body.decode().removesuffix("\n"))
    if not raw:
        assert "é 漢 🙂" in body.decode()


def test_csv_can_be_read_back(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(1, 'comma, "quote"', -1.5), (2, None, None)])

    rows = list(csv.reader(io.StringIO(exported(file, "csv").decode(), newline="")))

    assert rows == [
        ["id", "title", "score", "added_at", "changed_at"],
        ["1", 'comma, "quote"', "-1.5", "1000.0", "1000.0"],
        ["2", "", "", "1000.0", "1000.0"],
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_text_a_spreadsheet_would_compute_is_no_formula(start: str) -> None:
    assert inert(f'{start}HYPERLINK("http://x.test")').startswith("'")


@pytest.mark.parametrize("value", [-5, -0.5, None, 0])
def test_numbers_stay_numbers(value: Any) -> None:
    assert inert(value) is value


def test_csv_shows_control_characters_as_marks_and_keeps_a_cell_on_its_line(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(1, HOSTILE, None), (2, "two\r\nlines", None)])

    text = exported(file, "csv").decode()

    assert all(each.isprintable() for line in text.split("\r\n") for each in line)
    assert len(text.splitlines()) == 3


@needs_pyarrow
def test_parquet_keeps_types_and_the_json(tmp_path: Path) -> None:
    from pyarrow import parquet  # type: ignore[import-not-found, import-untyped, unused-ignore]  # noqa: PLC0415 -- an extra

    file = harvested(tmp_path, [(number, f"t{number}", number / 2) for number in range(1200)])
    (tmp_path / "out.parquet").write_bytes(exported(file, "parquet"))

    read = parquet.read_table(tmp_path / "out.parquet")

    assert read.num_rows == 1200
    types = [str(field.type) for field in read.schema]
    assert types == ["int64", "string", "double", "string", "double", "double", "string"]
    assert read.slice(7, 1).to_pylist()[0]["raw"] == '{"n": "t7"}'


@needs_pyarrow
def test_an_empty_table_is_a_parquet_file_too(tmp_path: Path) -> None:
    assert exported(harvested(tmp_path, []), "parquet").startswith(b"PAR1")


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_without_pyarrow_the_way_to_get_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"pip install 'fetchdeck\[parquet\]'"):
        exported(harvested(tmp_path, [(1, "x", None)]), "parquet")


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_memory_does_not_grow_with_the_table(tmp_path: Path, format_: str) -> None:
    file = harvested(tmp_path, [(number, "x" * 2000, None) for number in range(8000)])
    tracemalloc.start()
    with open_export(file) as export, (tmp_path / "out").open("wb") as sink:
        export.write("fake_thing", format_, sink)
        peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (tmp_path / "out").stat().st_size > 16_000_000
    assert peak < 6_000_000


def test_an_export_is_of_one_moment_while_a_harvest_goes_on(tmp_path: Path) -> None:
    file = harvested(tmp_path, [(1, "one", None)])
    with open_export(file) as export:
        harvested(tmp_path, [(2, "two", None)])
        sink = io.BytesIO()
        rows = export.write("fake_thing", "jsonl", sink)

    assert rows == 1


def test_a_table_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    with open_export(harvested(tmp_path, [])) as export, pytest.raises(UsageError, match='did you mean "fake_thing"'):
        export.choose("fake_thin")


def test_the_engines_own_tables_are_not_exported(tmp_path: Path) -> None:
    with open_export(harvested(tmp_path, [])) as export:
        assert list(export.shapes) == ["fake_thing"]


def test_a_source_whose_name_begins_another_keeps_its_tables(tmp_path: Path) -> None:
    harvested(tmp_path, [], source="rest")
    with open_export(harvested(tmp_path, [], source="rest-blog")) as export:
        found = {name: (shape.source, shape.table) for name, shape in export.shapes.items()}

    assert found == {"rest_thing": ("rest", "thing"), "rest_blog_thing": ("rest-blog", "thing")}


def test_no_database_and_a_strangers_one_are_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as db:
        db.execute("create table x(y)")
    db.close()
    (tmp_path / "none.db").write_text("no database at all, but long enough to be looked at as if it were one")

    for name, words in (("missing.db", "there is no"), ("other.db", "another program"), ("none.db", "cannot read")):
        with pytest.raises(StoreUnusable, match=words), open_export(tmp_path / name):
            pass

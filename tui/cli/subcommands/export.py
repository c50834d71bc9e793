"""`fetchdeck export`: writes tables of the database as JSON lines, CSV or Parquet."""

import argparse
import stat
import sys
from pathlib import Path

from engine.common.atomic_file import open_atomic
from engine.common.errors import UsageError
from engine.common.extras import FORMATS, PYARROW
from engine.common.paths import expand, tilde
from engine.common.private_files import FILE, make_folder, mode_for_others
from engine.common.text import clean, counted
from engine.storage.export import Export, open_export
from tui.cli.subcommands.setup import wiring_for
from tui.common.exit_codes import Exit
from tui.headless.lines import Line, Tone
from tui.headless.printer import Printer

STANDARD_OUTPUT = "-"


def run(arguments: argparse.Namespace) -> int:
    """Export one table to a file or to standard output, or all tables into a folder."""
    database = wiring_for(arguments).database
    format_ = format_of(arguments)
    printer = Printer(sys.stderr, quiet=arguments.quiet)
    with open_export(database) as export:
        tables = export.choose(arguments.table)
        if arguments.out == STANDARD_OUTPUT:
            for table in tables:
                export.write(table, format_, sys.stdout.buffer, raw=arguments.raw)
            sys.stdout.buffer.flush()
            return Exit.COMPLETE
        for table, file in zip(tables, files(arguments, tables, format_, database), strict=True):
            named = file == expand(arguments.out)
            rows = _write(export, table, format_, file, raw=arguments.raw, devices=named)
            mode = mode_for_others(file)
            others = "" if mode is None or not file.is_file() else f"; others may read it (mode {mode:04o}, as before)"
            text = f"{counted(rows, 'row')} to {tilde(file)}{others}"
            printer.line(Line(verb="Exported", source=table, text=text, tone=Tone.GOOD))
    return Exit.COMPLETE


def format_of(arguments: argparse.Namespace) -> str:
    """Return the format: the one named, otherwise that of the file's extension, otherwise JSON lines.

    Raises:
        UsageError: the format does not fit the other options.
    """
    ending = Path(arguments.out).suffix.removeprefix(".")
    found: str = arguments.format or (ending if ending in FORMATS else "jsonl")
    to_stdout = arguments.out == STANDARD_OUTPUT
    if arguments.raw and found != "jsonl":
        raise UsageError(f"--raw is for JSON lines alone: use --format jsonl, not {found}")
    if to_stdout and found == "parquet":
        raise UsageError("parquet is not written to standard output: name a file with --out")
    if to_stdout and arguments.table == "all" and not arguments.raw:
        raise UsageError("all tables do not go into one stream: name a folder with --out, or add --raw")
    if found == "parquet":
        PYARROW.require()
    return found


def files(arguments: argparse.Namespace, tables: list[str], format_: str, database: Path) -> list[Path]:
    """Return the file of each table: for all tables in a folder, which is created if needed; for one, the file named.

    Raises:
        UsageError: the folder cannot be created, the file is the database itself, or its ending names no format.
    """
    out = expand(arguments.out)
    if arguments.table != "all" and not out.is_dir():
        if out.exists() and out.samefile(database):
            raise UsageError(f"--out {tilde(out)} is the database itself: name another file")
        if not arguments.format and out.suffix and out.suffix.removeprefix(".") not in FORMATS:
            known = ", ".join(f".{each}" for each in FORMATS)
            way_out = f"use one of {known}, or add --format"
            raise UsageError(f'--out {tilde(out)}: no format has the ending "{clean(out.suffix, 20)}": {way_out}')
        return [out]
    try:
        make_folder(out)
    except OSError as error:
        raise UsageError(f"--out {tilde(out)}: no such folder can be made: {error.strerror}") from error
    return [out / f"{table}.{format_}" for table in tables]


def _mode(file: Path) -> int:
    """Return the mode of a file that is replaced; a new one is for its owner only."""
    return stat.S_IMODE(file.lstat().st_mode) if file.is_file() and not file.is_symlink() else FILE


def _write(export: Export, table: str, format_: str, file: Path, *, raw: bool, devices: bool) -> int:
    try:
        with open_atomic(file, mode=_mode(file), devices=devices) as sink:
            return export.write(table, format_, sink, raw=raw)
    except OSError as error:
        raise UsageError(f"--out {tilde(file)}: cannot be written: {error.strerror or error}") from error

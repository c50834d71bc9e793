"""Columns and tables in short: names by type, for sources whose tables are long lists of them."""

from engine.model.source import Column, Table


def integers(*names: str) -> tuple[Column, ...]:
    """Return columns of whole numbers."""
    return tuple(Column(name, "integer") for name in names)


def texts(*names: str) -> tuple[Column, ...]:
    """Return columns of text."""
    return tuple(Column(name) for name in names)


def table(name: str, key: str, numbers: str, words: str) -> Table:
    """Return a table: its key columns, its columns of whole numbers and those of text, each as names between blanks."""
    return Table(name, integers(*numbers.split()) + texts(*words.split()), tuple(key.split()))

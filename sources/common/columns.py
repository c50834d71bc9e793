"""Shorthand for columns and tables, for sources that have many."""

from engine.model.source import Column, Table


def integers(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "integer") for name in names)


def texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name) for name in names)


def table(name: str, key: str, numbers: str, words: str) -> Table:
    """Return a table from names separated by blanks: its key columns, its integer columns and its text columns."""
    return Table(name, integers(*numbers.split()) + texts(*words.split()), tuple(key.split()))

"""Rows that a whole list names no more: their column, and what tells the store that a walk lists all. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import msgspec

from engine.model.source import Column, Listing, Record, Table
from sources.rest.config.endpoint import GONE, Endpoint
from sources.rest.endpoint_step import EndpointStep

_COLUMN: Final = Column(GONE, "integer")


def with_column(table: Table, endpoint: Endpoint) -> Table:
    """Add the column `gone` where rows are to be marked."""
    return replace(table, columns=(*table.columns, _COLUMN)) if endpoint.mark_gone else table


def present(records: Iterable[Record], endpoint: Endpoint) -> list[Record]:
    """Say of rows that have arrived that they are there."""
    if not endpoint.mark_gone:
        return list(records)
    return [msgspec.structs.replace(record, data={**record.data, GONE: 0}) for record in records]


def listing(step: EndpointStep, endpoint: Endpoint, walk: str) -> Listing | None:
    """Return the list that a walk reads; None for an increment, which leaves out what did not change."""
    if not endpoint.mark_gone or step.since is not None:
        return None
    return Listing(table=step.endpoint, walk=walk, began=step.started)

"""Which rows the lists of a source named last, and so which are gone. Functions over one connection.

A list is known only when its walk has ended whole and none of its requests is left or failed. Pages may land in any
order, and a page that failed may be retried in the same run, so this is judged once, when the run ends. A run that is
killed is judged when it is resumed and ends.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from engine.model.source import Listing, Page, Record, Table
from engine.model.walk import Completeness, WalkEnd
from engine.storage.source_tables import key_condition, table_name

_UNFINISHED = "('queued', 'claimed', 'failed', 'aside')"


def note(db: sqlite3.Connection, source: str, tables: Sequence[Table], run: int, page: Page) -> None:
    """Record the rows of a page as listed, and the end of its walk. The rows have been written before."""
    listing = page.listing
    if listing is None:
        return
    table = next(one for one in tables if one.name == listing.table)
    _record(db, source, table, listing, page.records)
    ends = [end for end in page.ends if end.walk == listing.walk]
    if not ends:
        return
    db.execute("delete from _fetchdeck_listing_end where source = ? and walk = ?", (source, listing.walk))
    if _is_whole(ends[-1]):
        db.execute(
            "insert into _fetchdeck_listing_end(source, walk, tbl, began, run_id) values(?, ?, ?, ?, ?)",
            (source, listing.walk, listing.table, listing.began, run),
        )


def mark_gone(db: sqlite3.Connection, source: str, tables: Sequence[Table], run: int, now: float) -> int:
    """Set `gone` of the rows that a walk of this run listed earlier and no more; return how many.

    A row that two lists name belongs to the one that named it last. If that one drops it, the other one brings it back
    with its next walk.
    """
    ends = db.execute(
        "select walk, tbl, began from _fetchdeck_listing_end where source = ? and run_id = ?", (source, run)
    ).fetchall()
    if not ends:
        return 0
    left = {
        row[0]
        for row in db.execute(
            f"select distinct walk from request where run_id = ? and state in {_UNFINISHED}",  # noqa: S608 - constants
            (run,),
        )
    }
    declared = {table.name: table for table in tables}
    marked = 0
    for walk, tbl, began in ends:
        if walk not in left and tbl in declared:
            marked += _sweep(db, source, declared[tbl], Listing(table=tbl, walk=walk, began=began), now)
            db.execute("delete from _fetchdeck_listing_end where source = ? and walk = ?", (source, walk))
    return marked


def _is_whole(end: WalkEnd) -> bool:
    """Say whether a walk read all of its list: the API said that it was the end, and told no larger total.

    A total that was not reached is only a note elsewhere, because totals lie. To call rows gone it is reason for doubt.
    """
    reached = end.total is None or end.arrived is None or end.arrived >= end.total
    return end.completeness is Completeness.WHOLE and reached


def _record(db: sqlite3.Connection, source: str, table: Table, listing: Listing, records: Iterable[Record]) -> None:
    # The key is taken from the stored row, whose values have the types of the columns.
    name = table_name(source, table.name)
    db.executemany(
        "insert or replace into _fetchdeck_listed(source, tbl, key, walk, began)"  # noqa: S608 - checked names
        f" select ?, ?, json_array({', '.join(table.key)}), ?, ? from {name} where {key_condition(table.key)}",
        [
            (source, table.name, listing.walk, listing.began, *(record.data[column] for column in table.key))
            for record in records
            if record.table == table.name
        ],
    )


def _sweep(db: sqlite3.Connection, source: str, table: Table, listing: Listing, now: float) -> int:
    before = (source, table.name, listing.walk, listing.began)
    where = "source = ? and tbl = ? and walk = ? and began != ?"
    found = db.execute(f"select key from _fetchdeck_listed where {where}", before).fetchall()  # noqa: S608 - constants
    cursor = db.executemany(
        f"update {table_name(source, table.name)} set gone = 1, changed_at = ?"  # noqa: S608 - checked names
        f" where {key_condition(table.key)} and gone is not 1",
        [(now, *json.loads(key)) for (key,) in found],
    )
    db.execute(f"delete from _fetchdeck_listed where {where}", before)  # noqa: S608 - constants
    return max(0, cursor.rowcount) if found else 0

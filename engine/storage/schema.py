"""The engine's own tables, as numbered migrations.

A released migration is never edited; a change is a new migration.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

APPLICATION_ID: Final = 0x46444B31
""""FDK1" in ASCII.

SQLite keeps it in the header (https://sqlite.org/pragma.html#pragma_application_id), which tells this program's files
apart, so that another program's database is never written to.
"""

_FIRST: Final = """
create table run(
  id integer primary key, source text not null, scope text not null, full integer not null, state text not null,
  reason text not null default '', started_at real not null, ended_at real);
create table request(
  id integer primary key, run_id integer not null references run(id) on delete cascade, key text not null,
  lane text not null, state text not null default 'queued', priority integer not null,
  attempt integer not null default 0, refused integer not null default 0, not_before real not null default 0,
  parent_id integer, spec text not null,
  status integer, reason text not null default '', ended_at real, unique(run_id, key));
create index request_queued on request(run_id, lane, priority, id) where state = 'queued';
create table cursor(source text not null, name text not null, value text not null, primary key(source, name))
  without rowid;
create table http_cache(
  key text primary key, etag text, last_modified text, link text, body blob not null, stored_at real not null);
create table coverage(source text not null, scope text not null, low integer not null, high integer not null,
  primary key(source, scope, low)) without rowid;
create table budget(
  domain text not null, name text not null, lim real, remaining real, reset_at real, seen_at real not null,
  primary key(domain, name)) without rowid;
create table learned(domain text primary key, lessons text not null) without rowid;
create table error(
  fingerprint text primary key, source text not null, kind text not null, message text not null, sample text not null,
  count integer not null, first_at real not null, last_at real not null);
create table quarantine(
  id integer primary key, source text not null, key text not null, at real not null, reason text not null, body blob);
create table decision(
  id integer primary key, at real not null, source text not null, lane text not null, old integer not null,
  new integer not null, reason text not null);
create table sample(
  source text not null, lane text not null, at integer not null, sent integer not null, requests integer not null,
  rows integer not null, bytes integer not null, p50 real, p95 real, in_flight integer not null, lim integer not null,
  primary key(source, lane, at)) without rowid;
"""


def has_table(db: sqlite3.Connection, name: str) -> bool:
    """Say whether the file has a table: an older fetchdeck, or a run that has not begun, may not have created it."""
    return db.execute("select 1 from sqlite_master where type = 'table' and name = ?", (name,)).fetchone() is not None


def _create(connection: sqlite3.Connection) -> None:
    for statement in _FIRST.split(";\n"):
        connection.execute(statement)


def _name_failures(connection: sqlite3.Connection) -> None:
    """Store with a failed request which kind of error it belongs to, so that one kind can be listed and retried."""
    connection.execute("alter table request add column failure text not null default ''")
    connection.execute("create index request_failed on request(run_id, failure) where state = 'failed'")


def _keep_pages(connection: sqlite3.Connection) -> None:
    """Add to every source table the page of the list that brought a row.

    The column has no type: pages are numbers or texts.
    """
    names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'").fetchall()]
    for name in names:
        columns = {row[1] for row in connection.execute(f'pragma table_info("{name}")')}
        if {"raw", "added_at", "changed_at"} <= columns and "raw_page" not in columns:
            connection.execute(f'alter table "{name}" add column raw_page')


_FEED: Final = """
create table change(
  id integer primary key, source text not null, tbl text not null, key text not null, name text, at real not null,
  run_id integer not null, kind text not null, fields text not null default '', old text, new text);
create table change_count(
  source text not null, tbl text not null, kind text not null, run_id integer not null, hour integer not null,
  count integer not null, primary key(source, tbl, kind, run_id, hour)) without rowid;
create table response_head(
  request_id integer primary key references request(id) on delete cascade, head text not null);
create index request_claimed on request(run_id) where state = 'claimed'
"""


def _keep_changes(connection: sqlite3.Connection) -> None:
    """Add the change feed, the heads of failed responses, and an index for claimed requests."""
    for statement in _FEED.split(";\n"):
        connection.execute(statement)


_ATTEMPT: Final = """
create table attempt(
  request_id integer not null references request(id) on delete cascade, number integer not null, at real not null,
  outcome text not null, status integer, reason text not null, wait real, primary key(request_id, number))
  without rowid
"""


def _keep_attempts(connection: sqlite3.Connection) -> None:
    """Add the failing attempts of requests. They are deleted with their request."""
    connection.execute(_ATTEMPT)


_WALK: Final = """
create table _fetchdeck_walk(
  source text not null, walk text not null, run_id integer not null, part text not null, completeness text not null,
  reason text not null, place text not null, arrived integer, total integer, at real not null,
  primary key(source, walk)) without rowid;
create index _fetchdeck_walk_run on _fetchdeck_walk(run_id, completeness);
create index _fetchdeck_walk_cut on _fetchdeck_walk(source, at) where completeness = 'cut';
create table _fetchdeck_note(
  source text not null, text text not null, count integer not null, first_at real not null, last_at real not null,
  primary key(source, text)) without rowid;
create index _fetchdeck_note_last on _fetchdeck_note(source, last_at)
"""


def _keep_walk_ends(connection: sqlite3.Connection) -> None:
    """Add how each walk ended, and the notes of sources."""
    for statement in _WALK.split(";\n"):
        connection.execute(statement)


_WALK_START: Final = """
create table _fetchdeck_walk_start(
  run_id integer not null references run(id) on delete cascade, walk text not null, spec text not null,
  key text not null, landed_at real not null, state text not null, newest_id integer,
  primary key(run_id, walk)) without rowid;
create index _fetchdeck_walk_start_walk on _fetchdeck_walk_start(walk);
create index _fetchdeck_walk_start_key on _fetchdeck_walk_start(key)
"""


def _keep_walk_starts(connection: sqlite3.Connection) -> None:
    """Store with a request which walk it is a page of, and of each walk its first request: see `walk_starts`."""
    connection.execute("alter table request add column walk text not null default ''")
    for statement in _WALK_START.split(";\n"):
        connection.execute(statement)


_BEHIND: Final = """
alter table request add column behind integer not null default 0;
create index _fetchdeck_request_walk on request(run_id, walk, state) where walk != ''
"""


def _hold_requests_back(connection: sqlite3.Connection) -> None:
    """Store whether a request waits for the others of its walk, and find those by an index."""
    for statement in _BEHIND.split(";\n"):
        connection.execute(statement)


_LISTED: Final = """
create table _fetchdeck_listed(
  source text not null, tbl text not null, key text not null, walk text not null, began text not null,
  primary key(source, tbl, key)) without rowid;
create index _fetchdeck_listed_walk on _fetchdeck_listed(source, tbl, walk, began);
create table _fetchdeck_listing_end(
  source text not null, walk text not null, tbl text not null, began text not null, run_id integer not null,
  primary key(source, walk)) without rowid
"""


def _keep_listings(connection: sqlite3.Connection) -> None:
    """Add which rows the lists named last, so that rows can be marked as gone: see `listings`."""
    for statement in _LISTED.split(";\n"):
        connection.execute(statement)


def _count_items(connection: sqlite3.Connection) -> None:
    """Store how many items a page brought. `_keep_pages_of_walks` took its place, and nothing reads the column now."""
    connection.execute("alter table request add column items integer")


_WALK_PAGE: Final = """
create table _fetchdeck_walk_page(
  source text not null, walk text not null, number integer not null, items integer not null, digest text not null,
  total integer, missing integer not null, primary key(source, walk, number)) without rowid
"""


def _keep_pages_of_walks(connection: sqlite3.Connection) -> None:
    """Add what each page of a walk brought: see `walk_pages`."""
    connection.execute(_WALK_PAGE)


def _keep_waits(connection: sqlite3.Connection) -> None:
    """Store beside the due time of a retry how long it was to wait, in seconds: see `frontier.shorten_waits`."""
    connection.execute("alter table request add column wait real")


MIGRATIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (
    _create,
    _name_failures,
    _keep_pages,
    _keep_changes,
    _keep_attempts,
    _keep_walk_ends,
    _keep_walk_starts,
    _hold_requests_back,
    _keep_listings,
    _count_items,
    _keep_pages_of_walks,
    _keep_waits,
)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply the missing migrations, each in one transaction together with its version number.

    A process killed in between leaves a complete older version behind, and the next start continues there.
    """
    for number in range(version(connection), len(MIGRATIONS)):
        connection.execute("begin immediate")
        try:
            MIGRATIONS[number](connection)
            connection.execute(f"pragma application_id = {APPLICATION_ID}")
            connection.execute(f"pragma user_version = {number + 1}")
            connection.execute("commit")
        except BaseException:
            if connection.in_transaction:  # where the disk is full, SQLite has rolled back itself
                connection.execute("rollback")
            raise


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether this program made the file."""
    return bool(connection.execute("pragma application_id").fetchone()[0] == APPLICATION_ID)


def version(connection: sqlite3.Connection) -> int:
    """Return how many migrations the file has had."""
    return int(connection.execute("pragma user_version").fetchone()[0])

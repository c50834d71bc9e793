"""The styles of paging of the built-in REST API, as they are configured, and its list of users in each."""

from collections.abc import Mapping
from typing import Any, Final

STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "all": {"style": "none"},
    "links": {"style": "link_header", "size_param": "per_page", "size": 30},
    "pages": {"style": "page_number", "last": "pagination.total_pages", "more": "pagination.has_next_page"},
    "offsets": {"style": "offset", "size": 20, "total": "count"},
    "cursors": {"style": "cursor_body", "next": "next_cursor", "param": "cursor"},
    "addresses": {"style": "cursor_body", "next": "next"},
    "keyset": {"style": "keyset", "param": "after", "item": "id", "end": "at_end"},
}
COLUMNS: Final = {"id": "id:integer", "name": "name", "city": "address.city", "geo": "address.geo:real"}


def users(style: str, *, configured: bool = True, **paging: Any) -> dict[str, Any]:
    """Configure the list of users; where nothing is said of its paging, that is found out."""
    endpoint = {"path": f"/{style}/users", "key": ["id"], "columns": COLUMNS}
    return {**endpoint, "paging": {**STYLES[style], **paging}} if configured else endpoint


POSTS: Final[Mapping[str, Any]] = {
    "path": "/users/{parent.id}/posts",
    "parent": "users",
    "key": ["id"],
    "columns": {"id": "id:integer"},
}
EVENTS: Final[Mapping[str, Any]] = {
    "path": "/events",
    "key": ["id"],
    "columns": {"id": "id:integer", "updated_at": "updated_at"},
    "paging": {"style": "link_header", "size_param": "per_page", "size": 100},
    "since": {"param": "since", "item": "updated_at"},
}

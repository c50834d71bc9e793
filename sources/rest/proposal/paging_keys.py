"""The keys of a proposed table `paging`, as the configuration writes them. Pure."""

from typing import Any, Final

import msgspec

from sources.rest.config.paging import Paging
from sources.rest.json_paths import compile_path, meant

_PATHS: Final = frozenset({"next", "more", "end", "last", "total", "pages"})
"""Keys that are paths into the answer."""


def paging_keys(paging: Paging, body: Any) -> dict[str, Any]:
    """Return the keys of a paging. A name of `body` that has a dot in it is quoted: "'@odata.nextLink'".

    The names that `auto` knows have no quotes: "odata.nextLink" is one name in one API, and two in another.
    """
    told: dict[str, Any] = msgspec.to_builtins(paging)
    return {key: (meant(body, compile_path(one)) or one) if key in _PATHS else one for key, one in told.items()}

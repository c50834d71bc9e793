"""A page of anilist.co as options: the franchise of one anime."""

from collections.abc import Mapping
from typing import Any

from engine.common.errors import UsageError
from sources.common.web_addresses import path_below


def options_of(url: str) -> Mapping[str, Any] | None:
    """Return the options that a page stands for; None for any other address.

    Raises:
        UsageError: it is a page of MyAnimeList, whose numbers AniList does not take.
    """
    steps = path_below(url, {"anilist.co", "myanimelist.net"})
    if not steps or len(steps) < 2 or steps[0] != "anime" or not steps[1].isdecimal():
        return None
    if path_below(url, {"anilist.co"}) is None:
        raise UsageError(
            "anime: a franchise begins at AniList: open the same anime on anilist.co and paste that address,"
            " or name it, as in `fetchdeck run anime --titles TITLE`"
        )
    return {"ids": [int(steps[1])], "titles": []}

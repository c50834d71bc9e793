"""A page of gitlab.com as options: a group with all that is below it."""

from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Final

from sources.common.web_addresses import path_below
from sources.gitlab.options import GITLAB_COM

_PAGES: Final = frozenset({"api", "explore", "users", "help", "dashboard", "search"})


def options_of(url: str) -> Mapping[str, Any] | None:
    """Return the options that a page stands for; None for any other address."""
    steps = path_below(url, {GITLAB_COM})
    if not steps or steps[0] in _PAGES:
        return None
    group = list(takewhile(lambda step: step != "-", steps[1:] if steps[0] == "groups" else steps))
    return {"groups": ["/".join(group)], "users": []} if group else None

"""A page of github.com as options: an owner with all repositories, or one repository."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sources.common.web_addresses import path_below
from sources.github.options import OWNER, REPOSITORY

_PAGES: Final = frozenset(
    {"topics", "search", "settings", "features", "marketplace", "explore", "trending", "login", "about", "collections"}
)


def options_of(url: str) -> Mapping[str, Any] | None:
    """Return the options that a page stands for; None for any other address."""
    steps = path_below(url, {"github.com"})
    if not steps or steps[0] in _PAGES:
        return None
    if steps[0] == "orgs":
        steps = steps[1:2]
    nothing: dict[str, Any] = {"orgs": [], "users": [], "repos": []}
    if len(steps) == 1 and re.match(OWNER, steps[0]):
        return nothing | {"orgs": [steps[0]]}
    repository = "/".join(steps[:2]).removesuffix(".git")
    return nothing | {"repos": [repository]} if re.match(REPOSITORY, repository) else None

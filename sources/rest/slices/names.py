"""Whether the name of a walk can be one of the configured lists. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache

from sources.rest.config.endpoint import Endpoint
from sources.rest.templates import pieces


def may_be(walk: str, endpoint: str, endpoints: Mapping[str, Endpoint]) -> bool:
    """Say whether a walk of this name may be of an endpoint as it is configured.

    A name begins with that of the endpoint and the filled-in path; `EndpointStep.walk_name` makes it. Parameters and
    windows behind the path may be of any kind, and a value of an item may be anything but a slash.
    """
    one = endpoints.get(endpoint)
    return one is not None and _pattern(endpoint, one.path).match(walk) is not None


@lru_cache(maxsize=1024)
def _pattern(endpoint: str, path: str) -> re.Pattern[str]:
    filled = "".join("[^/?]*" if is_place else re.escape(text) for text, is_place in pieces(path))
    return re.compile(rf"{re.escape(endpoint)} {filled}(\?| |$)", re.DOTALL)

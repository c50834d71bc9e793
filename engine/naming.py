"""Names for things the engine shows and stores: a request in words, a limit domain."""

from engine.common.text import clean
from engine.model.source import Request, Source
from engine.storage.frontier import Claimed


def domain(source: Source, resource: str, identity: str = "") -> str:
    """Name a limit domain: where the requests go, on which of its budgets they draw, and who asks.

    Without who asks it is what the names of all who may ask begin with.
    """
    mine = (budget.base_url for budget in source.budgets if budget.resource == resource and budget.base_url)
    return f"{next(mine, source.base_url)} {resource} {identity}"


def in_words(claimed: Claimed) -> str:
    """Say a claimed request in words that are safe to show."""
    return said(claimed.request)


def said(request: Request) -> str:
    """Say a request in words that are safe to show: method, path and parameters."""
    query = "&".join(f"{name}={value}" for name, value in request.params.items())
    verb = "GIT" if request.via == "git" else request.method
    return clean(f"{verb} {request.url}{'?' if query else ''}{query}", 160)

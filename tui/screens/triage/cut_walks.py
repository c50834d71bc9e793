"""Cut walks as rows of the error table: each ends with exit code 1, and no failed request stands for it."""

from collections.abc import Iterator
from typing import Final

from engine.common.text import counted
from engine.model.snapshot import DeckState, Failure, GroupState

KIND: Final = "cut"


def cut_walks(deck: DeckState) -> Iterator[Failure]:
    """Yield a row for each cut walk that a source names, and one for those that it only counts.

    A walk that a failed page cut is left out, because that request has a row. When a walk ended is not known here:
    `first` and `last` are 0.
    """
    for group in deck.groups:
        for end in group.walks.named:
            if not end.failed_page:
                yield _row(group, str(end), end.walk, 1)
        if others := group.walks.cut - len(group.walks.named):
            yield _row(group, f"{counted(others, 'more walk')}; `fetchdeck errors` lists them", "", others)


def is_cut(failure: Failure) -> bool:
    """Say whether a row of the error table is about cut walks."""
    return failure.kind == KIND


def _row(group: GroupState, message: str, walk: str, count: int) -> Failure:
    fingerprint = f"{KIND} {group.name} {walk}"
    return Failure(
        fingerprint=fingerprint,
        source=group.name,
        kind=KIND,
        message=message,
        count=count,
        first=0.0,
        last=0.0,
        sample="",
    )

"""The end of a walk: how a list that is read page by page ended, and so whether its rows are all of it. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Completeness(StrEnum):
    """What is known about a list after the last page that was read of it."""

    WHOLE = "whole"
    """The API said that it was the end: no next page, the last page, `has_more` false, or its total was reached."""
    UNCONFIRMED = "unconfirmed"
    """The end was inferred from a short or empty page; the API told nothing."""
    BOUNDED = "bounded"
    """A bound that a person wrote ended it."""
    CUT = "cut"
    """It ended before the end: a guard, no progress, a refused link, a default bound, or a page that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkEnd:
    """How one walk ended. It is stored with the last page of the walk, in the same transaction."""

    walk: str
    """The name of the list. Unique within the source and the same in every run ("comments /posts/17/comments")."""
    part: str = ""
    """The key of the part of the coverage map that it belongs to; "" for none."""
    completeness: Completeness
    reason: str
    """Why it ended there, in words, without a full stop ("the API names no next page")."""
    place: str = ""
    """Where it ended, as the API counts ("page 31", "offset 3,000")."""
    arrived: int | None = None
    """Items that arrived, before any filter and before doubles were dropped; None if they were not counted."""
    total: int | None = None
    """Items that the API says there are; None if it does not say."""

"""The end of a walk whose answers make its list doubtful: an error beside the items, or an answer without anything."""

from dataclasses import replace

import msgspec

from engine.model.walk import Completeness
from sources.rest.paging.styles import cut, unconfirmed
from sources.rest.paging.walk import Walked


def doubted(walked: Walked, at_most: Completeness, why: str) -> Walked:
    """Let a walk end no better than its answers allow.

    That a page lacks items holds for the whole walk, so that later pages carry it. That an empty page confirms nothing
    says something of the end alone.
    """
    lacks = walked.step.doubt or (why if at_most is Completeness.CUT else "")
    if lacks:
        step = msgspec.structs.replace(walked.step, doubt=lacks)
        pages = [(msgspec.structs.replace(state, doubt=lacks), going) for state, going in walked.pages]
        known = walked.end is not None and walked.end.completeness is Completeness.CUT
        return replace(walked, step=step, pages=pages, end=walked.end if known or not walked.end else cut(lacks))
    if why and walked.end and walked.end.completeness is Completeness.WHOLE:
        return replace(walked, end=unconfirmed(why))
    return walked

"""A deck in the middle of a day's work, computed without chance, so that it is the same every time."""

from dataclasses import replace

from bench.screen.sample.changes import changes
from bench.screen.sample.coverage import parts
from bench.screen.sample.groups import NOW, groups
from bench.screen.sample.log import failures, log
from bench.screen.sample.triage import detail, failed, quarantined
from engine.model.snapshot import DeckState, State
from engine.model.source_card import SourceCard

__all__ = ["NOW", "cards", "changes", "deck", "detail", "failed", "parts", "quarantined"]


def deck(at: float = NOW) -> DeckState:
    """Return five sources in five states, at a time that is `NOW` or some seconds later."""
    moved = at - NOW
    return DeckState(
        at=at,
        uptime=8047 + moved,
        state=State.RUNNING,
        reason="",
        database="harvest.db",
        groups=groups(moved),
        log=log(at, moved),
        failures=failures(at),
    )


def cards() -> tuple[SourceCard, ...]:
    """Return the picker's cards of the sources, before a start."""
    github = SourceCard(
        name="github",
        summary="Repositories, issues, pull requests and releases of the owners you name.",
        terms="5,000 points an hour with a token and 60 without one; at most 100 at once, 900 points a minute.",
        limits="5,000 per hour (headers)",
        ready=True,
        problem="",
        access="token from GITHUB_TOKEN",
        last_run="2 hours ago, done",
        resumable=0,
        rows=1_942_310,
    )
    pr0gramm = replace(
        github,
        name="pr0gramm",
        summary="Posts, tags and comments, newest first.",
        limits="60 per minute (configured)",
        terms="No limit is documented: the pace is found by asking politely.",
        access="no token needed",
        last_run="stopped 20 minutes ago",
        resumable=12_480,
        rows=381_204,
    )
    gitlab = replace(
        github,
        name="gitlab",
        summary="Projects, issues and merge requests of the groups you name.",
        limits="2,000 per minute (headers)",
        ready=False,
        access="",
        problem="no token: set GITLAB_TOKEN, or [sources.gitlab] token_env in the configuration",
        last_run="",
        rows=None,
        terms="2,000 requests a minute for signed-in users.",
    )
    return (
        github,
        pr0gramm,
        gitlab,
        replace(
            pr0gramm,
            name="anime",
            summary="Titles, staff and seasons from AniList and Jikan.",
            resumable=0,
            limits="90 per minute (headers)",
            last_run="yesterday, done",
            rows=64_022,
        ),
    )

"""The workloads in which fetchdeck has to beat the systems that it replaces, each against its simulated API."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.workloads.plain import plans
from bench.workloads.workload import Bases, Workload
from simulator.anime.world import AnimeWorld
from simulator.common.settings import Capacity
from simulator.config import SimulatorConfig, quiet, real
from simulator.github.accounts import GitHubSizes
from simulator.gitlab.world import GitLabSizes
from simulator.pr0gramm.world import Pr0grammSizes
from simulator.videos.world import VideoSizes, VideoWorld
from tui.cli.subcommands.demo_channels import write_channels

TOKEN: Final = "bench"  # noqa: S105 -- no secret: the simulator accepts any value
_PR0GRAMM: Final = {
    "item": "select id from pr0gramm_item",
    "tag": "select item_id, tag_id from pr0gramm_item_tag",
    "comment": "select id from pr0gramm_comment",
}


def pr0gramm(items: int = 120, latency: float = 0.75) -> Workload:
    """Fetch items with their details. No limit is reached, so only concurrency counts."""
    return Workload(
        name="pr0gramm",
        what=f"{items} items with tags and comments; {1000 * latency:g} ms, no limit",
        source="pr0gramm",
        config=_with(quiet(apis=["pr0gramm"]), sizes=Pr0grammSizes(items=items), latency=latency),
        plain=plans.pr0gramm,
        workers=10,
        options=lambda bases, _: {
            "base_url": bases["pr0gramm"],
            "flags": 31,
            "requests_per_minute": 10_000,
            "concurrency": 64,
        },
        rows=_PR0GRAMM,
    )


def pr0gramm_limited(items: int = 120, latency: float = 0.75) -> Workload:
    """Fetch the same against the limit that the API's developers named.

    No header reports it; fetchdeck is configured with it.
    """
    unlimited = pr0gramm(items, latency)
    return replace(
        unlimited,
        name="pr0gramm, limited",
        what=f"the same, and no more than 120 requests in any minute; {1000 * latency:g} ms",
        config=_with(real(apis=["pr0gramm"]), sizes=Pr0grammSizes(items=items), latency=latency),
        options=lambda bases, _: {"base_url": bases["pr0gramm"], "flags": 31, "requests_per_minute": 120},
        sequential=False,
    )


def github(pulls: int = 1000, latency: float = 0.1) -> Workload:
    """List the pull requests of one repository, all with their reviews."""
    sizes = GitHubSizes(orgs=1, repos=1, pulls=pulls, issues=0, spread=0.0, oddities=False)
    return Workload(
        name="github",
        what=f"{pulls:,} pull requests with their reviews; {1000 * latency:g} ms, GitHub's limits",
        source="github",
        config=_with(real(apis=["github"]), sizes=sizes, latency=latency),
        plain=plans.github,
        workers=10,
        options=lambda bases, _: {
            "base_url": bases["github"],
            "token_env": "TOKEN",
            "orgs": ["aurora"],
            "since": "1970-01-01",
            **dict.fromkeys(("issues", "comments", "commits", "hygiene"), False),
        },
        rows={"pull": "select repo_id, number from github_pull", "review": "select id from github_review"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        environ={"TOKEN": TOKEN},
    )


def gitlab(groups: int = 10, subgroups: int = 5, projects: int = 20, latency: float = 0.2) -> Workload:
    """List a tree of groups with their projects."""
    sizes = GitLabSizes(groups=groups, subgroups=subgroups, projects=projects, users=0, odd=False)
    top = [101 + number * (subgroups + 1) for number in range(groups)]
    return Workload(
        name="gitlab",
        what=f"{groups} groups x {subgroups} subgroups x {projects} projects; {1000 * latency:g} ms, GitLab's limits",
        source="gitlab",
        config=_with(real(apis=["gitlab"]), sizes=sizes, latency=latency),
        plain=plans.gitlab,
        workers=5,
        options=lambda bases, _: {"base_url": bases["gitlab"], "token_env": "TOKEN", "groups": top},
        rows={"grp": "select id from gitlab_grp", "project": "select id from gitlab_project"},
        headers={"PRIVATE-TOKEN": TOKEN},
        environ={"TOKEN": TOKEN},
    )


def anime(franchise: int = 5, *, limits: bool = True, pace: Mapping[str, Any] | None = None) -> Workload:
    """Find a franchise of fifteen entries by its title."""
    preset = real if limits else quiet
    title = AnimeWorld().name(franchise)
    return Workload(
        name="anime",
        what="a franchise of 15, by its title; 230 and 180 ms, the limits of AniList and Jikan",
        source="anime",
        config=preset(apis=["anilist", "jikan"]),
        plain=plans.anime(title),
        workers=3,
        options=lambda bases, _: {
            "base_url": bases["anilist"],
            "jikan_url": bases["jikan"],
            "titles": [title],
            **(pace or {}),
        },
        rows={"anime": "select id from anime_anime"},
    )


def videos(channels: int = 12, latency: float = 0.25) -> Workload:
    """List channels, and then check them once more."""
    sizes = VideoSizes(channels=channels, videos=100)
    return Workload(
        name="videos",
        what=f"{channels} channels with 10 to 100 videos, twice; {1000 * latency:g} ms, 120 requests a minute",
        source="videos",
        config=_with(real(apis=["videos"]), sizes=sizes, latency=latency),
        plain=plans.videos(VideoWorld(sizes=sizes).channels()),
        workers=5,
        options=_channels,
        rows={"video": "select channel, id from videos_video"},
        runs=2,
    )


def _channels(bases: Bases, folder: Path) -> Mapping[str, Any]:
    if not (folder / "channels").exists():
        write_channels(bases["videos"], folder / "channels")
    return {"channels_dir": str(folder / "channels")}


def _with(config: SimulatorConfig, *, sizes: Any, latency: float) -> SimulatorConfig:
    """Give a simulator of one API its sizes and a constant latency."""
    (api,) = config.apis
    return config.with_api(replace(api, sizes=sizes, capacity=Capacity(latency=latency)))


CASES: Final = (pr0gramm, pr0gramm_limited, github, gitlab, anime, videos)

"""The plain plans: one request for each thing, as the replaced systems did. Each plan returns its rows.

A row is the name of its table and its key, by which the ways of a workload are compared.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from bench.workloads.plain.client import Plain, each

Row = tuple[str | int, ...]
Rows = set[Row]
FOLLOWED: Final = frozenset({
    "PREQUEL", "SEQUEL", "PARENT", "SIDE_STORY", "SUMMARY", "ALTERNATIVE", "SPIN_OFF", "COMPILATION", "CONTAINS",
})  # fmt: skip
_FIELDS: Final = "id idMal type relations { edges { relationType(version: 2) node { id type } } }"


async def pr0gramm(plain: Plain, bases: Mapping[str, str]) -> Rows:
    """List the items page by page, and request the details of each."""
    base, rows = bases["pr0gramm"], Rows()
    older: dict[str, int] = {}
    while True:
        page = (await plain.get(f"{base}/items/get", flags=31, **older)).json()
        items = [item["id"] for item in page["items"]]

        async def details(item: int) -> None:
            found = (await plain.get(f"{base}/items/info", itemId=item)).json()
            rows.update(("tag", item, tag["id"]) for tag in found["tags"])
            rows.update(("comment", comment["id"]) for comment in found["comments"])

        await each(details, items)
        rows.update(("item", item) for item in items)
        if page["atEnd"] or not items:
            return rows
        older = {"older": min(items)}


async def github(plain: Plain, bases: Mapping[str, str]) -> Rows:
    """List the repositories, the pull requests of each, and the reviews of each pull request."""
    base, rows = bases["github"], Rows()

    async def repository(repo: Any) -> None:
        address = f"{base}/repos/{repo['full_name']}/pulls"
        pulls = await plain.pages(address, state="all", per_page=100)

        async def reviews(pull: Any) -> None:
            found = await plain.pages(f"{address}/{pull['number']}/reviews", per_page=100)
            rows.update(("review", review["id"]) for review in found)

        rows.update(("pull", repo["id"], pull["number"]) for pull in pulls)
        await each(reviews, pulls)

    await each(repository, await plain.pages(f"{base}/orgs/aurora/repos", per_page=100))
    return rows


async def gitlab(plain: Plain, bases: Mapping[str, str]) -> Rows:
    """Walk from group to group: its own page, its subgroups and its projects."""
    base, rows = bases["gitlab"], Rows()

    async def lists(number: int) -> None:
        rows.add(("grp", number))
        for project in await plain.pages(f"{base}/groups/{number}/projects", per_page=100):
            rows.add(("project", project["id"]))
        below = await plain.pages(f"{base}/groups/{number}/subgroups", per_page=100)
        await each(subgroup, [each_["id"] for each_ in below])

    async def subgroup(number: int) -> None:
        await plain.get(f"{base}/groups/{number}", with_projects="false")
        await lists(number)

    top = await plain.pages(f"{base}/groups", top_level_only="true", per_page=100)
    await each(lists, [group["id"] for group in top if group["parent_id"] is None])
    return rows


def anime(title: str) -> Any:
    """Return the plan for one title: search for it, request each entry by itself, and fill in each one from Jikan."""

    async def plan(plain: Plain, bases: Mapping[str, str]) -> Rows:
        rows, seen = Rows(), set[int]()

        async def entry(number: int) -> None:
            query = f"query ($id: Int) {{ Media(id: $id, type: ANIME) {{ {_FIELDS} }} }}"
            answer = await plain.post(f"{bases['anilist']}/", {"query": query, "variables": {"id": number}})
            media = answer.json()["data"]["Media"]
            rows.add(("anime", number))
            if media["idMal"]:
                await plain.get(f"{bases['jikan']}/anime/{media['idMal']}")
            related = [
                edge["node"]["id"]
                for edge in media["relations"]["edges"]
                if edge["node"]["type"] == "ANIME" and edge["relationType"] in FOLLOWED
            ]
            new = [number for number in dict.fromkeys(related) if number not in seen]
            seen.update(new)
            await each(entry, new)

        query = f"query ($search: String) {{ Page(page: 1, perPage: 1) {{ media(search: $search) {{ {_FIELDS} }} }} }}"
        answer = await plain.post(f"{bases['anilist']}/", {"query": query, "variables": {"search": title}})
        root = answer.json()["data"]["Page"]["media"][0]["id"]
        seen.add(root)
        await entry(root)
        return rows

    return plan


def videos(channels: Sequence[str]) -> Any:
    """Return the plan for some channels: list each one completely, with yt-dlp."""

    async def plan(plain: Plain, bases: Mapping[str, str]) -> Rows:
        rows = Rows()

        async def channel(name: str) -> None:
            found = await plain.in_thread(lambda: _listed(f"{bases['videos']}/feeds/{name}.xml"))
            rows.update(("video", f"{name}.toml", id) for id in found)

        await each(channel, channels)
        return rows

    return plan


def _listed(link: str) -> list[str]:
    yt_dlp: Any = import_module("yt_dlp")  # an extra, which only this plan needs
    utils: Any = import_module("yt_dlp.utils")
    with yt_dlp.YoutubeDL({"quiet": True, "no_warnings": True, "proxy": ""}) as listing:
        found = listing.extract_info(link, download=False, process=False)
    return [utils.unsmuggle_url(entry["url"])[1]["force_videoid"] for entry in found["entries"]]

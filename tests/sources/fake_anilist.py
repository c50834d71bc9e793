"""An AniList and a Jikan in memory, over a graph of related entries; and a driver that remembers rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.model.source import Key, Page, Request, Response
from tests.sources.driver import Driver, respond

ANILIST = "https://graphql.anilist.co/"
JIKAN = "https://api.jikan.moe/v4"
INVERSE = {"SEQUEL": "PREQUEL", "SIDE_STORY": "PARENT", "CHARACTER": "CHARACTER", "ADAPTATION": "SOURCE"}


@dataclass
class Show:
    id: int
    format: str = "TV"
    year: int | None = 2010
    type: str = "ANIME"
    idMal: int | None = None  # noqa: N815 -- AniList's own name
    english: str | None = None

    @property
    def title(self) -> str:
        return f"Show {self.id}"


class FakeAniList:
    """`edges` are (from, to, type); each is answered from both ends, as AniList does."""

    def __init__(self, shows: Sequence[Show], edges: Sequence[tuple[int, int, str]]) -> None:
        self.shows = {show.id: show for show in shows}
        self.edges = [*edges, *((dst, src, INVERSE[kind]) for src, dst, kind in edges if kind in INVERSE)]
        self.statuses: dict[str, int] = {}
        self.asked: list[Any] = []

    def __call__(self, request: Request) -> Response:
        if request.resource == "jikan":
            return self._jikan(request)
        variables = request.json["variables"]
        self.asked.append(variables.get("ids") or variables["search"])
        if "ids" in variables:
            found = [self.shows[number] for number in variables["ids"] if number in self.shows]
        else:
            found = [show for show in self.shows.values() if variables["search"].lower() in show.title.lower()]
        if "type: ANIME" in request.json["query"]:
            found = [show for show in found if show.type == "ANIME"]
        return respond({"data": {"Page": {"media": [self.media(show) for show in found]}}}, url=ANILIST)

    def media(self, show: Show) -> dict[str, Any]:
        return {
            "id": show.id, "idMal": show.idMal, "type": show.type, "format": show.format, "status": "FINISHED",
            "title": {"romaji": show.title, "english": show.english, "native": "番組"}, "synonyms": [],
            "description": "words", "episodes": 12, "duration": 24, "season": "SPRING", "seasonYear": show.year,
            "startDate": {"year": show.year, "month": 4, "day": None},
            "endDate": {"year": show.year, "month": 6, "day": 30},
            "source": "MANGA", "averageScore": 80, "popularity": 5, "genres": ["Drama"],
            "studios": {"nodes": [{"name": "Dock"}]}, "isAdult": False,
            "siteUrl": f"https://anilist.co/anime/{show.id}", "updatedAt": 1_700_000_000,
            "relations": self._relations(show.id, deep=True),
        }  # fmt: skip

    def _relations(self, number: int, *, deep: bool) -> dict[str, Any]:
        edges = []
        for src, dst, kind in self.edges:
            if src == number:
                node: dict[str, Any] = {"id": dst, "type": self.shows[dst].type if dst in self.shows else "ANIME"}
                if deep:
                    node["relations"] = self._relations(dst, deep=False)
                edges.append({"relationType": kind, "node": node})
        return {"edges": edges}

    def _jikan(self, request: Request) -> Response:
        status = self.statuses.get(request.url, 200)
        if status != 200:
            return respond({"status": status, "type": "HttpException", "message": "Not Found", "error": None}, status)
        number = int(request.url.rpartition("/")[2])
        body = {"data": {"mal_id": number, "title_english": f"English {number}", "rating": "PG-13"}}
        response = respond(body, url=f"{JIKAN}{request.url}")
        return replace(response, headers={"expires": "Mon, 03 Mar 2025 12:00:00 GMT"})


class StoringDriver(Driver):
    """Lets the source look rows up, as the store does, and counts what each host was asked."""

    def to(self, resource: str) -> int:
        return sum(request.resource == resource for request in self.sent)

    def table(self, name: str) -> list[dict[str, Any]]:
        return [dict(row) for (table, _), row in sorted(self.rows.items(), key=repr) if table == name]

    def _land(self, request: Request, page: Page) -> None:
        super()._land(request, page)
        for record in page.records:
            table = next(table for table in self.source.tables if table.name == record.table)
            key = tuple(record.data[name] for name in table.key)
            self._raws[record.table, key] = record.raw.decode()

    def _lookup(self, table: str, keys: Sequence[Key]) -> Mapping[Key, Mapping[str, Any]]:
        return {
            key: {**self.rows[table, key], "raw": self._raws[table, key]} for key in keys if (table, key) in self.rows
        }

    @property
    def _raws(self) -> dict[tuple[str, Key], str]:
        found: dict[tuple[str, Key], str] = self.__dict__.setdefault("raws", {})
        return found


def chain(length: int) -> FakeAniList:
    """Seasons in a row, each the sequel of the one before."""
    shows = [Show(number, year=2000 + number) for number in range(1, length + 1)]
    return FakeAniList(shows, [(number, number + 1, "SEQUEL") for number in range(1, length)])

"""The log and the errors of the sample deck."""

from typing import Final

from engine.model.snapshot import Failure, LogLine

_SAID: Final = (
    ("info", "github", 6, "200 GET /repos/o/r/issues?page={}  41.2 kB  231ms  30 rows"),
    ("info", "github", 11, "304 GET /repos/o/r/pulls?page={}  unchanged, costs nothing"),
    ("info", "videos", 3, "ok yt-dlp watch?v=x{}  1 row  1.9s"),
    ("warn", "pr0gramm", 2, "429 GET /items/get?older={}  waits 38 s: the minute is used up"),
    ("info", "github", 1, "200 POST /graphql #{}  12.9 kB  98ms  100 rows"),
    ("info", "github", None, "limit core 15 to 16: p95 240 ms stays at its base"),
    ("error", "videos", 7, "gone yt-dlp watch?v=x{}  Video unavailable (attempt 5 of 5)"),
    ("info", "github", 14, "200 GET /repos/o/r/issues?page={}  38.0 kB  204ms  30 rows"),
)


def log(at: float, moved: float) -> tuple[LogLine, ...]:
    """Return the newest 200 lines, a quarter of a second apart."""
    newest = int(moved * 4) + 4000
    lines = []
    for number in range(newest - 200, newest):
        level, source, slot, text = _SAID[number * 7 % 8 if number % 3 else 0]
        lines.append(
            LogLine(
                number=number,
                at=at - (newest - number) * 0.25,
                level=level,
                source=source,
                slot=slot,
                text=text.format(number),
                lane="graphql" if "graphql" in text else "core",
            )
        )
    return tuple(lines)


def failures(at: float) -> tuple[Failure, ...]:
    """Return one kind of error for each of the sample messages."""
    found = (
        ("pr0gramm", "429", "refused ten times in a row", 214, 2.0, "GET /items/get?older=612044"),
        ("videos", "Gone", "Video unavailable", 16, 41.0, "yt-dlp watch?v=x4091"),
        ("github", "404", "Not Found: the repository was deleted or made private", 2, 310.0, "GET /repos/o/gone"),
        (
            "github",
            "BadBody",
            "page 3,011: expected an array, got an object",
            1,
            1804.0,
            "GET /repos/o/r/issues?page=3011",
        ),
        (
            "gitlab",
            "Interrupted",
            "the connection ended before the answer was whole",
            1,
            5400.0,
            "GET /projects/81/issues",
        ),
    )
    return tuple(
        Failure(
            fingerprint=f"{source}-{kind}",
            source=source,
            kind=kind,
            message=message,
            count=count,
            first=at - 7000,
            last=at - ago,
            sample=sample,
            recent=_recent(at - ago, count),
        )
        for source, kind, message, count, ago, sample in found
    )


def _recent(last: float, count: int) -> tuple[tuple[int, int], ...]:
    """Distribute failures over the last minutes, most of them in the last ones."""
    minute = int(last // 60)
    return tuple((minute - back, max(1, count // (back + 2))) for back in range(min(count, 40) - 1, -1, -1))

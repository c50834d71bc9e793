"""The options of the videos source."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from engine.model.capabilities import Question
from sources.common.links import BaseUrl

Places = Annotated[int, Meta(ge=1, le=64, description="listings at the same time")]
Seconds = Annotated[float, Meta(ge=0, le=3600, description="seconds")]
Deadline = Annotated[float, Meta(ge=1, le=86_400, description="seconds a whole listing may take")]
InARow = Annotated[int, Meta(ge=2, le=100, description="known videos in a row after which a listing ends, 2 or more")]
Folder = Annotated[str, Meta(description="a folder; ~ is your home")]
FileName = Annotated[
    str, Meta(pattern=r"^[^/\\\x00-\x1f]+\.toml\Z", description='the name of a file in channels_dir, as in "tech.toml"')
]


QUESTIONS: Final = (
    Question(key="channels_dir", ask="channels", help="the folder of channel files, one TOML file for each channel"),
    Question(
        key="link_queue_dir",
        ask="queue",
        help="the folder that links of new videos go into",
        unset="queue in that folder",
    ),
)


class VideosOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys of `[sources.videos]`."""

    base_url: BaseUrl = "https://www.youtube.com"
    channels_dir: Folder = ""
    only: tuple[FileName, ...] = ()
    link_queue_dir: Folder = ""
    cookies_file: Annotated[str, Meta(description="a file of cookies in Netscape's format")] = ""
    concurrency: Places = 5
    delay: Seconds = 0.0
    stop_after: InARow = 3
    listing_timeout: Deadline = 600.0
    feeds: bool = True

    @property
    def channels(self) -> Path | None:
        return _path(self.channels_dir)

    @property
    def queue(self) -> Path | None:
        """The folder for links of new videos; by default `queue` beside the channel files."""
        return _path(self.link_queue_dir) or (self.channels / "queue" if self.channels else None)

    @property
    def cookies(self) -> Path | None:
        return _path(self.cookies_file)


def _path(text: str) -> Path | None:
    return Path(text).expanduser() if text else None

"""Ground truth of the simulated video site: channels, and videos that are computed from the seed on demand."""

from dataclasses import dataclass

from simulator.data.chance import fraction, mix, stream
from simulator.data.timeline import Timeline
from simulator.data.words import slug, title


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSizes:
    """The amount of data."""

    channels: int = 40
    videos: int = 400
    """Videos of the largest channel; the smallest has a tenth."""


@dataclass(frozen=True, slots=True)
class Video:
    id: str
    title: str
    published: int
    """Epoch seconds."""
    duration: int
    """Seconds."""


class VideoWorld:
    """Channels by name, each with its videos."""

    def __init__(self, seed: int = 1, *, year: int = 2025, sizes: VideoSizes | None = None) -> None:
        self.sizes = sizes or VideoSizes()
        self.timeline = Timeline(year)
        self._names, self._videos = stream(seed, "channels"), stream(seed, "videos")
        self._channels = {self._name(number): number for number in range(self.sizes.channels)}

    def channels(self) -> list[str]:
        """List the channels by name."""
        return list(self._channels)

    def count(self, channel: str) -> int:
        """Count the videos of a channel; 0 for one that does not exist."""
        if channel not in self._channels or not self.sizes.videos:
            return 0
        share = 0.1 + 0.9 * fraction(mix(self._names, self._channels[channel] + 1_000_000))
        return max(1, int(self.sizes.videos * share))

    def videos(self, channel: str) -> list[Video]:
        """Compute a channel's videos, newest first."""
        count = self.count(channel)
        return [self._video(channel, place, count) for place in range(count - 1, -1, -1)]

    def _video(self, channel: str, place: int, count: int) -> Video:
        dice = mix(self._videos, self._channels[channel] * 1_000_000 + place)
        published = self.timeline.at((place + fraction(dice)) / count)
        return Video(f"{dice:016x}"[:11], title(dice), published, 30 + dice % 5400)

    def _name(self, number: int) -> str:
        return f"{slug(mix(self._names, number))}-{number}"

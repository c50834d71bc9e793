"""What a run costs, in words: for `fetchdeck plan` and for the picker."""

from engine.durations import format_duration as span
from engine.pacing.cost_plan import Cost


def requests_of(cost: Cost) -> str:
    """Say how many requests one budget pays for: "12 to 30 requests"."""
    low, high = cost.requests_low, cost.requests_high
    if high is None:
        return f"{low:,} or more requests"
    if low == high:
        return f"{low:,} request{'' if low == 1 else 's'}"
    return f"{low:,} to {max(low, high):,} requests"


def time_of(cost: Cost) -> str:
    """Say how long they take: "8m to 23m", "2h or more", "time unknown"."""
    low, high = cost.seconds_low, cost.seconds_high
    if high is None:
        return "time unknown" if not (cost.timed or low) else f"{span(low)} or more"
    return span(low) if low == high else f"{span(low)} to {span(max(low, high))}"


def naive_of(cost: Cost) -> str:
    """Say what the plainest client would ask for, and how long that takes."""
    time = f", {span(cost.naive_seconds)}" if cost.timed or cost.naive_seconds else ""
    return f"{cost.naive_requests:,}{time}{' or more' if cost.naive_open else ''}"

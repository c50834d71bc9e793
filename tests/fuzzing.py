"""How many examples a property test tries."""

import os
from typing import Final

from hypothesis import settings

SCALE: Final = int(os.environ.get("FETCHDECK_FUZZ", "1"))
"""`make night ARGS=fuzz` sets it to 100."""


def examples(number: int) -> settings:
    """Let a property test try so many examples, and more by night."""
    return settings(max_examples=number * SCALE, deadline=None)

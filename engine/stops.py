"""When a listing ends, and which of its entries count. Pure."""

from typing import Final, Literal

from engine.model.ytdlp import Listing

REPEATS: Final = 200
"""So many entries in a row that came before: the site serves one page for ever."""


class Stops:
    """Follows one listing entry by entry."""

    def __init__(self, listing: Listing) -> None:
        self.ended: Literal["", "known", "most", "repeats"] = ""
        self._known = frozenset(listing.known)
        self._stop_after = listing.stop_after
        self._most = listing.most
        self._seen: set[str] = set()
        self._known_in_a_row = 0
        self._repeats_in_a_row = 0

    def take(self, id: str) -> bool:
        """Take note of the next entry; say whether it is one that did not come before."""
        if id in self._seen:
            self._repeats_in_a_row += 1
            if self._repeats_in_a_row >= REPEATS:
                self.ended = "repeats"
            return False
        self._repeats_in_a_row = 0
        self._seen.add(id)
        self._known_in_a_row = self._known_in_a_row + 1 if id in self._known else 0
        if self._stop_after and self._known_in_a_row >= self._stop_after:
            self.ended = "known"
        elif len(self._seen) >= self._most:
            self.ended = "most"
        return True

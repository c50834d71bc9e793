"""How much memory an answer may become: counted before it is decoded. Pure.

`body_limit` bounds the bytes of an answer, and bytes say little of what they become: 64 MiB of `[0,0,0,…` are 65 kB as
gzip and 33 million items, each of which is a row of its own: 25 GB. So what an answer becomes is estimated, and more
than `_FACTOR` times its own bytes is refused. `body_limit` bounds the memory then, too: 1 GiB for its usual 64 MiB.
"""

from typing import Final

from engine.common.errors import BadBody

# Measured with CPython 3.11 on 64 bits: a bare value as an item, its row and its record take 700 bytes, an object
# without members 870; a dict with a member takes 184, and a text in it 50 and more; an element of XML has a dict too.
ITEM: Final = 1000
OBJECT: Final = 250
VALUE: Final = 64
FIELD: Final = 100
ELEMENT: Final = 500
ATTRIBUTE: Final = 300
REQUEST: Final = 2000

_FACTOR: Final = 16
"""Records of an ordinary API take 4 to 8 times the bytes of their JSON; a CSV of ten short fields up to 16."""
_ALWAYS: Final = 1 << 29
"""What any answer may become, however dense: 512 MiB are 500,000 items of a few fields."""


class Weight:
    """The memory that one answer becomes, added up while it is read."""

    def __init__(self, content: bytes) -> None:
        self._size = len(content)
        self._most = max(_ALWAYS, _FACTOR * self._size)
        self._weight = self._size

    def add(self, weight: int) -> None:
        """Count what is about to be made.

        Raises:
            BadBody: it is more than an answer may become.
        """
        self._weight += weight
        if self._weight > self._most:
            raise BadBody(
                f"its {self._size:,} bytes hold so many items and values that they would take more than"
                f" {self._most >> 20:,} MiB of memory; ask for smaller pages (paging.size, a parameter, windows)"
            )


def add_json(content: bytes, weight: Weight) -> None:
    """Count the values of JSON by the signs between them.

    Those inside of texts count as well: a body would have to consist of them to be refused for it.

    Raises:
        BadBody: they are too many.
    """
    # Nothing that is as small as this can be too much: three bytes are an object, two a value.
    if len(content) * (OBJECT + VALUE) // 2 > _ALWAYS:
        weight.add(OBJECT * content.count(b"{") + VALUE * (content.count(b",") + content.count(b"[")))

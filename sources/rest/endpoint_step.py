"""Where a walk is: the context of a request of a list, which the answer is read by."""

from typing import Any

import msgspec

from sources.rest.config.paging import Paging


class EndpointStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One page of one list: the context of its request."""

    endpoint: str
    path: str
    """The filled-in path."""
    started: str
    parent: dict[str, Any] = {}
    """Values of the item above that are needed here and below, by "parent.PATH"."""
    slice: dict[str, Any] = {}
    """Values of the entry of `values` and of the window, by "slice", "slice.PATH", "slice.start" and "slice.end"."""
    list_key: str = ""
    """What tells this list from others of its endpoint: its path, and the parameters with values from above. All
    windows of a list have the same. "" in requests of earlier versions."""
    variant: str = ""
    """What the names end with under which the list is remembered; see `slices.remembered`."""
    span: tuple[int, int] | None = None
    """Start and end of its window of time, in seconds since the epoch."""
    span_label: str = ""
    moved: str | None = None
    """What the parent's item had in `refresh.when`, as `sources.rest.slices.refresh` remembers it."""
    backfill: int | None = None
    """Where the windows of a backfill end and this increment begins, in seconds since the epoch."""
    depth: int = 0
    """Lists of its own endpoint above it, where that is recursive."""
    page: int = 1
    paging: Paging | None = None
    """The paging found on the first page, where it differs from the configured one."""
    since: str | int | float | bool | None = None
    newest: float | None = None
    older: bool = False
    """A page before brought rows older than `since`, and that was noted."""
    cursor: str = ""
    digest: str = ""
    """Digest of the page before."""
    mark: str = ""
    """A cursor or address met some pages ago. A walk that meets it again is in a cycle: `paging.walk`."""
    landmark: str = ""
    """Digest of a page met some pages ago, for the same purpose."""
    offset: int = 0
    """The page's offset, with style offset."""
    widest: int = 0
    """The most items that one page has brought so far."""
    arrived: int | None = 0
    """Items that came before this page; None where pages are read at the same time."""
    empty_pages: int = 0
    """Empty pages in a row before this one."""
    filled: int = 0
    """Items of this page that have come already: it is the rest of one that brought too few. See `paging.gaps`."""
    total: int | None = None
    """Items of the whole list, as it was told last."""
    sure: bool = False
    """The API said that this page exists."""
    trial: bool = False
    """This is a second page, and its paging is a guess; see `sources.rest.paging.detect`."""
    untried: tuple[Paging, ...] = ()
    """Guesses that are left if this one is wrong."""
    sign: str = ""
    """What showed on the first page that there is more, where the paging is a guess."""
    window: int = 0
    """The first page of those read at the same time as this one; 0 if none are. see `paging.page_windows`."""
    tail: bool = False
    """The last page of its window, read when the others are there."""
    told: tuple[int | None, int | None] = (None, None)
    """Pages and items of the list, as told when the window began."""
    settled: int = 1
    """The first page since the list was read again, because it had changed; 1 if it was not."""
    again: int = 0
    """The last page of a window that is read for the second time, because the list changed meanwhile; 0 for none."""
    doubt: str = ""
    """What an earlier page lacks, so that the walk cannot be whole."""

    @property
    def known(self) -> dict[str, Any]:
        """The values that templates and columns can name."""
        return {**self.parent, **self.slice}

    @property
    def list_name(self) -> str:
        """The name of the list, unique within the source and the same in every run."""
        return f"{self.endpoint} {self.list_key}"

    @property
    def memory_name(self) -> str:
        """The name under which later runs remember the list."""
        return f"{self.list_name}{self.variant}"

    @property
    def walk_name(self) -> str:
        """The name of this walk: that of the list, with the window."""
        return f"{self.list_name} {self.span_label}".rstrip()

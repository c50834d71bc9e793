"""Says on the screen that the configuration was edited, and what a restart would change."""

import logging
from datetime import tzinfo
from typing import Final

from tui.app.notices import ShowMessage
from tui.common.config_watch import ConfigWatch
from tui.widgets.footer import Notice
from tui.widgets.rows import Tone

SECONDS: Final = 30.0
"""How long the message stands before anything else; later it gives way to what is more urgent."""
_LOG: Final = logging.getLogger("fetchdeck.configuration")


class ConfigNotice:
    """Passes on what the watch finds; without a watch there is nothing to say."""

    def __init__(self, watch: ConfigWatch | None, show_message: ShowMessage, zone: tzinfo | None) -> None:
        self._watch = watch
        self._zone = zone
        self._show_message = show_message
        self.standing: Notice | None = None
        """What the status line shows while nothing else is to be said; None while the file has what is in force."""

    def look(self) -> None:
        """Look at the file if it is time for it, and show what was found."""
        if self._watch is None:
            return
        self._watch.look()
        news, edit = self._watch.news(self._zone), self._watch.edit
        if news is None:
            return
        tone = Tone.TEXT if edit is None else Tone.BAD if edit.problem else Tone.WARN
        self.standing = None if edit is None else Notice(news, tone)
        _LOG.warning(news)
        self._show_message(news, tone, SECONDS)

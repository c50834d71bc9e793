"""The pages of the served deck. They load nothing from other servers: no font, no script."""

from html import escape
from typing import Final

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " font-src 'self'; img-src 'self' data: blob:; connect-src 'self' ws: wss:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_STYLE: Final = """
@font-face { font-family: "Roboto Mono"; src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf"); }
html, body { margin: 0; height: 100%; background: #0c181f; color: #e0e6ea; font: 16px "Roboto Mono", monospace; }
.textual-terminal { position: absolute; inset: 0; }
.note { position: absolute; left: 0; right: 0; bottom: 0; padding: 12px; background: #12232d; display: none; }
body.-closed .note { display: block; }
form { max-width: 32em; margin: 20vh auto; }
input, button { font: inherit; padding: 8px; }
"""
DECK: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>fetchdeck</title>
<link rel="stylesheet" href="/static/css/xterm.css">
<link rel="preload" as="font" crossorigin href="/static/fonts/RobotoMono-VariableFont_wght.ttf">
<style>{_STYLE}</style>
</head>
<body>
<div class="textual-terminal" id="terminal" data-session-websocket-url="" data-font-size="16"></div>
<div class="note">This session has ended; what was fetched is in the database.
<a href="/"><button type="button" autofocus>Open it again</button></a></div>
<script src="/deck.js"></script>
<script src="/static/js/textual.js"></script>
</body>
</html>
"""
SCRIPT: Final = """"use strict";
// The address is the browser's own view of it, so that proxies and tunnels need no configuration.
const scheme = location.protocol === "https:" ? "wss://" : "ws://";
document.getElementById("terminal").dataset.sessionWebsocketUrl = scheme + location.host + "/ws";
"""
_LOGIN: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>fetchdeck</title><style>{style}</style></head>
<body>
<form method="post" action="/login">
<p><label for="token">This deck wants its token.</label></p>
<p>{problem}</p>
<input type="password" id="token" name="token" autocomplete="current-password" autofocus required>
<button type="submit">Enter</button>
</form>
</body>
</html>
"""


def login(problem: str = "") -> str:
    """Return the page that asks for the token."""
    return _LOGIN.format(style=_STYLE, problem=escape(problem))

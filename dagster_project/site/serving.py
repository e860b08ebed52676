"""The site of the release in force, for browsers on this machine or network: files of that release and nothing else.

Belongs here: the web server. Does not: what is on the pages.
"""

from __future__ import annotations

import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dagster_project.home import Home
from dagster_project.release.publishing import ReleaseError, latest_release
from dagster_project.site.building import FIRST_PAGE, SITE


def serve_site(home: Home, host: str, port: int) -> ThreadingHTTPServer:
    """Begins to serve in the background until `shutdown` is called; a port of 0 takes any that is free.

    Each request is answered from the release that is then in force. Raises OSError when the port is taken.
    """

    class Handler(_FilesOfARelease):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, home=home)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True, name="site").start()
    return server


class _FilesOfARelease(SimpleHTTPRequestHandler):
    """Answers GET and HEAD with the files of the latest release."""

    def __init__(self, *arguments: Any, home: Home) -> None:
        try:
            latest = latest_release(home)
        except ReleaseError:
            latest = None
        self.release = latest.folder if latest else None
        super().__init__(*arguments, directory=str(self.release or home.root / "no release yet"))

    def send_head(self) -> Any:
        if self.release is None:
            self.send_error(503, "There is no release yet. Run ahp refresh, and load this page again.")
            return None
        if self.path in ("/", f"/{SITE}", f"/{SITE}/"):
            self.send_response(302)
            self.send_header("Location", f"/{SITE}/{FIRST_PAGE}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        if Path(self.translate_path(self.path)).is_dir():
            self.send_error(404, "There is no such page")
            return None
        return super().send_head()

    def end_headers(self) -> None:
        # The next night puts another release in the place of this one.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Who reads which page is nobody's business."""

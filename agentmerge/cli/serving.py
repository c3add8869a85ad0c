"""The page of `review` on this machine alone: it is handed out to whoever has the token, and decisions come back."""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from agentmerge.cli.boundary import tell
from agentmerge.errors import AgentMergeError, OutputError

if TYPE_CHECKING:
    from agentmerge.knowledge.tables import Knowledge
    from agentmerge.views.review import Review

HOST = "127.0.0.1"
MAX_BYTES = 2_000_000
"""Of decisions that are sent; real ones have some ten thousand."""
_TOKEN = 24


class Server(ThreadingHTTPServer):
    """One page, and one file that takes the decisions."""

    daemon_threads = True

    def __init__(self, review: Review, target: str, port: int, knowledge: Knowledge) -> None:
        from agentmerge.views.review import review_html

        self.token = secrets.token_urlsafe(_TOKEN)
        self.target = target
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise OutputError(f"can't serve on port {port}: {why}", remedy="leave out --port") from None
        post = f"/{self.token}/decisions"
        self.page = review_html(review._replace(post=post), knowledge).encode("utf-8")

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.server_port}/{self.token}/"

    @property
    def names(self) -> tuple[str, str]:
        """What a browser on this machine calls it: any other name came from somebody else's page."""
        return f"{HOST}:{self.server_port}", f"localhost:{self.server_port}"

    def take(self, text: str) -> str:
        """Check decisions and write them; how many there are. Raises AgentMergeError for what is none."""
        from agentmerge.planning.records import read_answers
        from agentmerge.world.files import write_text

        found = read_answers(text, "what the page sent")
        if found.refused:
            first = found.refused[0]
            raise OutputError(f"{first.id or 'an answer'}: {first.why}", remedy=first.remedy)
        write_text(self.target, text)
        count = len(found.answers)
        return f"{count} decision{'' if count == 1 else 's'} in {self.target}"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = 30

    def do_GET(self) -> None:
        if not self._is_ours("/"):
            return
        self._answer(HTTPStatus.OK, self.server.page, "text/html")

    def do_POST(self) -> None:
        if not self._is_ours("/decisions"):
            return
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > MAX_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"more than decisions have")
            return
        try:
            said = self.server.take(self.rfile.read(int(length)).decode("utf-8"))
        except UnicodeDecodeError:
            self._answer(HTTPStatus.BAD_REQUEST, b"no UTF-8")
        except AgentMergeError as error:
            self._answer(HTTPStatus.BAD_REQUEST, str(error).encode())
        else:
            tell(said)
            self._answer(HTTPStatus.OK, said.encode())

    def _is_ours(self, rest: str) -> bool:
        """Whether a request is for us and from our own page; where it is not it is answered."""
        origin = self.headers.get("Origin")
        from_us = origin is None or origin.removeprefix("http://") in self.server.names
        path = self.path.encode("utf-8", "surrogateescape")
        is_known = hmac.compare_digest(path, f"/{self.server.token}{rest}".encode())
        if self.headers.get("Host") in self.server.names and from_us and is_known:
            return True
        self._answer(HTTPStatus.NOT_FOUND, b"not here")
        return False

    def _answer(self, status: HTTPStatus, body: bytes, kind: str = "text/plain") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Requests are no news."""


_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def serve_page(review: Review, target: str, port: int, knowledge: Knowledge) -> None:
    """Serve until it is interrupted."""
    from agentmerge.world.files import check_targets

    check_targets(target)
    with Server(review, target, port, knowledge) as server:
        tell(f"{server.address} takes decisions into {target}; Ctrl-C ends it")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("ended")

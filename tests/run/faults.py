"""A server on loopback that does wrong what a server can do wrong; the path says what.

`http://127.0.0.1:PORT/FAULT` is the address of an API with that fault.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HALF = {
    "id": "0" * 32,
    "name": "half",
    "filters": [
        {
            "object": "flowql",
            "property": "query",
            "type": "text",
            "operation": "is",
            "value": "\ud800",
        }
    ],
}
GOOD = {"results": [], "count": 0, "limit": 200, "pages": 0, "page": 1}


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.requests.append((self.path, dict(self.headers.items()), body))
        fault = self.path.split("/")[1]
        FAULTS[fault](self)

    do_GET = do_PUT = do_DELETE = do_POST

    def answer(self, status: int, body: Any = GOOD, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content_type": "application/json", **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def echo(self, status: int) -> None:
        """Sends back whatever came, as some gateways do in their pages of errors."""
        self.answer(status, {"detail": f"you sent {dict(self.headers.items())}"})

    def drop(self) -> None:
        """Resets the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"results": [')

    def hang(self) -> None:
        self.server.closing.wait(30)

    def drip(self) -> None:
        """Sends a byte now and then: each wait is short, all together never end."""
        self.send_response(200)
        self.end_headers()
        while not self.server.closing.wait(0.05):
            self.wfile.write(b" ")
            self.wfile.flush()

    def forget(self) -> None:
        """Takes in saved searches and keeps something else."""
        kept = {"id": "0" * 32, "name": "late", "filters": []}
        self.answer(200, kept if self.command == "PUT" else [])

    def log_message(self, *_: Any) -> None:
        pass


FAULTS: dict[str, Callable[[Handler], None]] = {
    "good": lambda to: to.answer(200),
    "api": lambda to: to.answer(200),
    "drop": Handler.drop,
    "cut": Handler.cut,
    "hang": Handler.hang,
    "drip": Handler.drip,
    "echo400": lambda to: to.echo(400),
    "echo500": lambda to: to.echo(500),
    "s400": lambda to: to.answer(400, {"detail": "no\nsuch\tthing"}),
    "s401": lambda to: to.answer(401, {"exception_message": "Unauthorized"}),
    "s403": lambda to: to.answer(403, {"detail": "Forbidden"}),
    "s404": lambda to: to.answer(404, {"detail": "Not Found"}),
    "s405": lambda to: to.answer(405, b"<html>", content_type="text/html"),
    "s422": lambda to: to.answer(422, {"detail": [{"loc": ["body", "limit"], "msg": "too much"}]}),
    "s429": lambda to: to.answer(429, {"detail": "slow down"}),
    "s500": lambda to: to.answer(500, {"exception_message": "Internal Server Error"}),
    "s502": lambda to: to.answer(502, b"<html>Bad Gateway</html>", content_type="text/html"),
    "s503": lambda to: to.answer(503, {"exception_message": "Service Unavailable"}),
    "s204": lambda to: to.answer(204, b""),
    "redirect": lambda to: to.answer(
        307, b"", location="https://u:tell-nobody@elsewhere.example/api?token=tell-nobody"
    ),
    "html": lambda to: to.answer(200, b"<html>hello</html>", content_type="text/html"),
    "bytes": lambda to: to.answer(200, b"\xff\xfe\x00"),
    "deep": lambda to: to.answer(200, b"[" * 200_000),
    "gzip": lambda to: to.answer(200, b"not gzip", content_encoding="gzip"),
    "list": lambda to: to.answer(200, []),
    "null": lambda to: to.answer(200, None),
    "number": lambda to: to.answer(200, 3),
    "noid": lambda to: to.answer(200, GOOD | {"results": [{"name": "a"}]}),
    "badid": lambda to: to.answer(200, GOOD | {"results": [{"id": "\x1b[31m"}]}),
    "negative": lambda to: to.answer(200, GOOD | {"count": -1}),
    "text": lambda to: to.answer(200, GOOD | {"count": "many"}),
    "forget": Handler.forget,
    "again": lambda to: to.answer(200, [{"id": f"{at:032}", "name": str(at)} for at in range(200)]),
    "half": lambda to: to.answer(200, [HALF]),
}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no news."""


@contextmanager
def faulty() -> Iterator[Server]:
    """The server, on a free port, while the context lasts."""
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()

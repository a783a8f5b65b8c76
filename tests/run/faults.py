"""Servers on loopback that do wrong what a server can do wrong.

`faulty` is one of which the path says what: `http://127.0.0.1:PORT/FAULT` is the address of an API
with that fault. `before` puts a proxy before a real server, whose script says which of the requests
fail, and how.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

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

    @property
    def said(self) -> str:
        """Whatever came, as some gateways send it back in their pages of errors."""
        return f"you sent {dict(self.headers.items())} to {self.path}"

    def echo(self, status: int) -> None:
        self.answer(status, {"detail": self.said})

    def drop(self) -> None:
        """Resets the connection."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def cut(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"results": [')
        self.close_connection = True

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
    "echo401": lambda to: to.echo(401),
    "echo404": lambda to: to.echo(404),
    "echo500": lambda to: to.echo(500),
    "echo503": lambda to: to.echo(503),
    "echolist": lambda to: to.answer(422, {"detail": [{"msg": dict(to.headers.items())}]}),
    "echotext": lambda to: to.answer(500, to.said.encode(), content_type="text/plain"),
    "echokind": lambda to: to.answer(200, b"?", content_type=to.said.replace(";", "")),
    "echolocation": lambda to: to.answer(302, b"", location=to.said),
    "echovalue": lambda to: to.answer(200, to.said),
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


# ── before a real server ──────────────────────────────────────────────────────

Fault = Callable[["Passing"], None]


class Passing(Handler):
    """Passes requests on to a real server and its answers back, but for those that are to fail."""

    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
        with self.server.watch(self):
            fault = self.server.next_fault(self.path)
            if fault is None:
                self.pass_on()
            else:
                fault(self)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST

    def pass_on(self, whole: bool = True) -> None:
        """The real answer; or the head of it and half of its body."""
        host, port = self.server.upstream
        upstream = HTTPConnection(host, port, timeout=60)
        try:
            upstream.request(self.command, self.path, self.body, dict(self.headers.items()))
            response = upstream.getresponse()
            content = response.read()
        finally:
            upstream.close()
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("connection", "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content if whole else content[: len(content) // 2])

    def half(self) -> None:
        """Breaks off in the middle of the real answer."""
        self.pass_on(whole=False)
        self.wfile.flush()
        self.drop()

    def silent(self) -> None:
        """Says nothing until the other side has gone, or the test is over."""
        self.connection.settimeout(0.05)
        while not self.server.closing.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.server.left.release()
        self.close_connection = True

    def packed(self) -> None:
        """Little to send, much to keep."""
        self.answer(200, gzip.compress(b" " * 10_000_000), content_encoding="gzip")


def status(code: int, **headers: str) -> Fault:
    """A server, or what stands before it, that is busy; it goes on with the connection."""
    return lambda to: to.answer(code, {"detail": f"busy {code}"}, **headers)


class Proxy(ThreadingHTTPServer):
    """A real server behind a proxy that fails as its script says, request by request.

    `script` are the faults of the next requests, in their order; with None, and after the last, a
    request is passed on. `by_path` has those of a path, each time. `held` is entered by each
    request before anything happens to it.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, upstream: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Passing)
        parts = urlsplit(upstream)
        assert parts.hostname is not None
        assert parts.port is not None
        self.upstream = parts.hostname, parts.port
        self.url = f"http://127.0.0.1:{self.server_port}{parts.path}"
        self.script: deque[Fault | None] = deque()
        self.by_path: dict[str, Fault] = {}
        self.held: Callable[[], object] = lambda: None
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.under_way = self.most = 0
        self.closing = threading.Event()
        self.left = threading.Semaphore(0)
        """Released when the other side has gone that was told nothing."""
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()

    def next_fault(self, path: str) -> Fault | None:
        with self._lock:
            if self.script:
                return self.script.popleft()
        return self.by_path.get(path.partition("/api")[2])

    @contextmanager
    def watch(self, handler: Passing) -> Iterator[None]:
        said = dict(handler.headers.items())
        with self._lock:
            self.requests.append((handler.command, handler.path, said, handler.body))
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        try:
            self.held()
            yield
        finally:
            with self._lock:
                self.under_way -= 1

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is no news."""

    def start(self) -> None:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def stop(self) -> None:
        """Goes as a server does that is killed: nobody listens, and all connections are broken."""
        if not self.closing.is_set():
            self.closing.set()
            self.shutdown()
            self.server_close()
            for connection in list(self._connections):
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._thread.join()


@contextmanager
def before(upstream: str) -> Iterator[Proxy]:
    """A proxy before a real server, on a free port, while the context lasts."""
    proxy = Proxy(upstream)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()

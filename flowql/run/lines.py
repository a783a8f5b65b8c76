"""The connections of requests that are under way, so that a thread can be woken that waits on one.

A thread that waits for a server can be told nothing; but when its connection is shut down, its wait
is over. httpx shows the connections that it opens, and that of each response.
"""

from __future__ import annotations

import socket
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx


class Lines:
    """The connections of one client.

    Where nobody else uses the client, all that it ever opened are shut down together. A client that
    is given may be used by others at the same time, and of its connections only those are touched
    that are known to carry a request from here.
    """

    def __init__(self, *, exclusive: bool) -> None:
        self._exclusive = exclusive
        self._streams: weakref.WeakSet[Any] = weakref.WeakSet()
        self._busy: set[Line] = set()
        self._lock = threading.Lock()

    def line(self, stopped: threading.Event) -> Line:
        """For one request; to be entered while it lasts."""
        return Line(self, stopped)

    def hang_up(self) -> None:
        """Shuts down what is under way."""
        with self._lock:
            streams = [line.stream for line in self._busy if line.stream is not None]
            if self._exclusive:
                streams += self._streams
        for stream in streams:
            _shut_down(stream)

    def _enter(self, line: Line) -> None:
        with self._lock:
            self._busy.add(line)

    def _leave(self, line: Line) -> None:
        with self._lock:
            self._busy.discard(line)

    def _opened(self, stream: Any) -> None:
        with self._lock:
            self._streams.add(stream)


class Line:
    """The connection of one request, as far as it is known."""

    def __init__(self, lines: Lines, stopped: threading.Event) -> None:
        self._lines = lines
        self._stopped = stopped
        self.stream: Any = None

    def __enter__(self) -> Line:
        self._lines._enter(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._lines._leave(self)

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Told by httpx of each thing that it does for the request."""
        stream = info.get("return_value")
        if event.startswith("connection.") and hasattr(stream, "get_extra_info"):
            self.stream = stream
            self._lines._opened(stream)
            if self._stopped.is_set():
                _shut_down(stream)

    def answered(self, response: httpx.Response) -> None:
        """Told of the response; under HTTP/2 other requests share its connection."""
        shared = response.http_version == "HTTP/2"
        self.stream = None if shared else response.extensions.get("network_stream")


def _shut_down(stream: Any) -> None:
    info = getattr(stream, "get_extra_info", None)
    found = info("socket") if info else None
    if isinstance(found, socket.socket):
        with suppress(OSError):  # It may have ended by itself.
            # That of a TLS socket would take its state away under the hands of the other thread.
            socket.socket.shutdown(found, socket.SHUT_RDWR)

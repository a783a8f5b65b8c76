"""HAR files, as browsers save them, to requests.

Only what a request was sent with is read: answers, headers and cookies stay unread, but for
the headers that say how a body is compressed and of which type it is.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowql.diagnostics import captured as problems
from flowql.frontends.captured.found import Captured, Found, endpoint_path, has_query, is_json

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic


def is_har(content: object) -> bool:
    """Whether a JSON value is a HAR file."""
    return isinstance(content, Mapping) and "log" in content


def read(content: Mapping[str, Any]) -> Found:
    """The requests of all entries; an entry that is none is a problem at its pointer."""
    log = content["log"]
    if not isinstance(log, Mapping):
        return _broken("/log", log, "an object")
    entries = log.get("entries")
    if not isinstance(entries, list):
        return _broken("/log/entries", entries, "a list")
    return Found(tuple(_entry(number, entry) for number, entry in enumerate(entries)))


def _broken(pointer: str, value: object, wanted: str) -> Found:
    return Found((Captured("", "", None, problems=(_not_har(pointer, value, wanted),)),))


def _not_har(pointer: str, value: object, wanted: str) -> Diagnostic:
    return problems.NotHar(pointer=pointer, found=_kind(value), wanted=wanted)


def _entry(number: int, entry: object) -> Captured:
    label = f"entry {number + 1}"
    pointer = f"/log/entries/{number}"
    try:
        request = _object(entry, pointer, "request")
        at = f"{pointer}/request"
        method, url = (_text(request, at, key) for key in ("method", "url"))
    except _Broken as broken:
        return Captured("", "", None, label, (broken.problem,))
    captured = Captured(method.upper(), endpoint_path(url), None, label)
    if not captured.asks_for_rows:
        return captured
    try:
        body = _body(request, at)
    except _Broken as broken:
        return Captured(captured.method, captured.path, None, label, (broken.problem,))
    said: tuple[Diagnostic, ...] = ()
    sent_as = _content_type(request)
    if body and sent_as is not None and not is_json(sent_as):
        said = (problems.BodyIgnored(pointer=f"{at}/headers", content_type=sent_as),)
        body = None
    if has_query(url):
        said = (*said, problems.QueryIgnored(pointer=f"{at}/url"))
    return Captured(captured.method, captured.path, body, label, said)


def _body(request: Mapping[str, Any], pointer: str) -> str | bytes | None:
    encoding = _header(request, "content-encoding")
    if encoding and encoding.lower() != "identity":
        raise _Broken(problems.EncodedBody(pointer=f"{pointer}/headers", encoding=encoding))
    post = request.get("postData")
    if post is None:
        post = {}
    if not isinstance(post, Mapping):
        raise _Broken(_not_har(f"{pointer}/postData", post, "an object"))
    text = post.get("text")
    if text is None:
        size = request.get("bodySize")
        if post.get("params"):
            raise _Broken(problems.FormData(pointer=f"{pointer}/postData/params", option="params"))
        if isinstance(size, int) and size > 0:
            raise _Broken(problems.BodyNotKept(pointer=f"{pointer}/bodySize", size=size))
        return None
    if not isinstance(text, str):
        raise _Broken(_not_har(f"{pointer}/postData/text", text, "a text"))
    return _decoded(text, post.get("encoding"), f"{pointer}/postData")


def _decoded(text: str, encoding: object, pointer: str) -> str | bytes:
    if encoding is None or encoding == "":
        return text
    if encoding != "base64":
        raise _Broken(problems.EncodedBody(pointer=f"{pointer}/encoding", encoding=str(encoding)))
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _Broken(problems.NotBase64(pointer=f"{pointer}/text")) from None


# ── parts of an entry ─────────────────────────────────────────────────────────


class _Broken(Exception):
    """An entry cannot be read any further."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem)
        self.problem = problem


def _object(owner: object, pointer: str, key: str) -> Mapping[str, Any]:
    if not isinstance(owner, Mapping):
        raise _Broken(_not_har(pointer, owner, "an object"))
    value = owner.get(key)
    if not isinstance(value, Mapping):
        raise _Broken(_not_har(f"{pointer}/{key}", value, "an object"))
    return value


def _text(owner: Mapping[str, Any], pointer: str, key: str) -> str:
    value = owner.get(key)
    if not isinstance(value, str):
        raise _Broken(_not_har(f"{pointer}/{key}", value, "a text"))
    return value


def _header(request: Mapping[str, Any], wanted: str) -> str | None:
    headers = request.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, Mapping) and str(header.get("name", "")).lower() == wanted:
            return str(header.get("value", ""))
    return None


def _content_type(request: Mapping[str, Any]) -> str | None:
    """The content type by the headers, or where they are not kept by the post data."""
    header = _header(request, "content-type")
    post = request.get("postData")
    if header is not None or not isinstance(post, Mapping):
        return header
    kind = post.get("mimeType")
    return kind if isinstance(kind, str) and kind else None


def _kind(value: object) -> str:
    """A JSON value by its kind alone: what it holds may be secret."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"

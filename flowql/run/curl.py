"""Requests as curl commands that a POSIX shell runs: what is sent, without any secret.

A key stands as the variable that has it, a name and password of the address too. Nothing that a
query holds is ever read by the shell as anything but text.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from flowql.backends.plan.description import document
from flowql.run import credentials
from flowql.run.addresses import base

if TYPE_CHECKING:
    from flowql.backends.body import Request
    from flowql.run.settings import Connection

_KEY = '-H "Authorization: Bearer $PREFECT_API_KEY"'
_PAIR = '-u "$PREFECT_API_AUTH_STRING"'


def command(request: Request, asked: Connection) -> str:
    """The command that sends a request to an API; raises `FlowQLError` where it has no address."""
    settings, url = asked.settings, base(asked.url)
    words = ["curl", shlex.quote(address(request, asked))]
    if request.method != "POST":
        words += ["-X", request.method]
    if settings.insecure:
        words.append("--insecure")
    elif settings.certificates is not None:
        words += ["--cacert", shlex.quote(settings.certificates)]
    if url.userinfo or settings.auth_string is not None:
        words.append(_PAIR)
    elif settings.key is not None:
        words.append(_KEY)
    words += ["-H", shlex.quote("Content-Type: application/json")]
    return " ".join([*words, "-d", shlex.quote(document(request))])


def remarks(asked: Connection) -> list[str]:
    """What is to be known of the commands for an API: what they leave out, or want."""
    found = []
    if base(asked.url).userinfo:
        found.append("PREFECT_API_AUTH_STRING stands for the name and password of the address")
    if asked.settings.headers:
        sent = credentials.headers(asked.settings)
        names = [name for name in asked.settings.headers if name in sent]
        found.append(
            f"the headers of PREFECT_CLIENT_CUSTOM_HEADERS are left out: {', '.join(names)}"
        )
    return found


def address(request: Request, asked: Connection) -> str:
    """The whole address of a request, without a name and password."""
    url = base(asked.url).copy_with(userinfo=b"")
    return f"{url}{request.path}"

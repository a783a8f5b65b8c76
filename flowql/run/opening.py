"""What asking an API begins with: its address, its secrets, and a client of httpx.

Either all of it comes from Prefect's settings, or a client is given that has it already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import httpx

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.api import NoBaseUrl, UnusableNetwork
from flowql.run import credentials
from flowql.run.addresses import base
from flowql.run.credentials import Secrets
from flowql.run.exchange import Exchange
from flowql.run.judging import Judge
from flowql.run.places import masked

if TYPE_CHECKING:
    from flowql.run.retrying import Patience
    from flowql.run.settings import Connection

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

DEFAULT_SECONDS = 60.0

_UNSENT = "the client that was given sends no key; its headers or its auth can"


def of_connection(asked: Connection, timeout: float | None, patience: Patience) -> Exchange:
    """With the API of settings; raises `FlowQLError` where the address is none."""
    settings, url = asked.settings, base(asked.url)
    secrets = Secrets([*credentials.of_settings(settings, url), *credentials.of_proxies()])
    sent = credentials.sent(settings, url)
    judge = Judge(masked(str(url)), secrets, sent=sent, withheld=asked.withheld)
    return Exchange(url, judge, timeout or settings.timeout or DEFAULT_SECONDS, patience)


def of_client(
    client: httpx.Client | httpx.AsyncClient, timeout: float | None, patience: Patience
) -> Exchange:
    """With the API at the `base_url` of a client; raises `FlowQLError` where that is none."""
    if not str(client.base_url):
        raise FlowQLError([NoBaseUrl()])
    url = base(str(client.base_url))
    secrets = Secrets([*credentials.of_client(client), *credentials.of_proxies()])
    sent = credentials.sent_by(client)
    judge = Judge(masked(str(url)), secrets, sent=sent, withheld=None if sent else _UNSENT)
    return Exchange(url, judge, timeout or DEFAULT_SECONDS, patience, client.timeout)


def opened(kind: type[C], asked: Connection) -> C:
    """A client with what the settings say; httpx looks for proxies and certificates by itself."""
    headers = credentials.headers(asked.settings)
    # Certificates take longer to read than a local server takes to answer.
    encrypted = asked.url.lower().startswith("https:")
    verify = credentials.trust(asked.settings) if encrypted else False
    try:
        return kind(headers=headers, verify=verify)
    except ImportError:
        reason = "a SOCKS proxy needs the Python package `socksio`"
    except OSError as error:
        reason = error.strerror or "there are no certificates in it"
    except (ValueError, httpx.InvalidURL):
        reason = "one is no address of a proxy"
    raise FlowQLError([UnusableNetwork(reason=reason)])

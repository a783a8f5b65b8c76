"""Problems of asking Prefect's API: its addresses, clients that are given, answers without end.

Facts given to these classes are free of secrets: who makes one masks passwords first.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic


@dataclass(frozen=True, kw_only=True)
class NoWorkspace(Diagnostic):
    """A page of Prefect Cloud is of no workspace, and each workspace has its own API.

    Example: (`flowql run flows --on https://app.prefect.cloud/`)
    """

    address: str

    @property
    def message(self) -> str:
        return f"`{self.address}` names no workspace of Prefect Cloud"

    @property
    def help(self) -> str | None:
        return (
            "any page of the workspace will do: https://app.prefect.cloud/account/…/workspace/…;"
            " its API is https://api.prefect.cloud/api/accounts/…/workspaces/…"
        )


@dataclass(frozen=True, kw_only=True)
class NoBaseUrl(Diagnostic):
    """A client that is given says by its `base_url` where the API is.

    Example: (`flowql.parse("flows").fetch(httpx.Client())`)
    """

    @property
    def message(self) -> str:
        return "the client has no base_url, so it is not known which API is to be asked"

    @property
    def help(self) -> str | None:
        return 'httpx.Client(base_url="http://127.0.0.1:4200/api") has one'


@dataclass(frozen=True, kw_only=True)
class ClientClosed(Diagnostic):
    """A client that is given has been closed, and cannot be opened again.

    Example: (`flowql.parse("flows").fetch(client)` after the `with` block of the client)
    """

    url: str

    @property
    def message(self) -> str:
        return f"the client for {self.url} has been closed"


@dataclass(frozen=True, kw_only=True)
class UnusableNetwork(Diagnostic):
    """The proxies or certificates that the environment names cannot be used.

    Example: (`HTTPS_PROXY=proxy.example:port flowql run flows --on prefect`)
    """

    reason: str

    @property
    def message(self) -> str:
        return f"proxies or certificates of the environment cannot be used: {self.reason}"

    @property
    def help(self) -> str | None:
        return (
            "these are read: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE,"
            " SSL_CERT_DIR"
        )


@dataclass(frozen=True, kw_only=True)
class AnswerTooLarge(Diagnostic):
    """An answer is larger than is held in memory for one request.

    Example: (a page of runs with very large parameters)
    """

    url: str
    limit: int
    """In bytes."""

    @property
    def message(self) -> str:
        return f"the answer of {self.url} is larger than {self.limit // 1_000_000:,} MB"

    @property
    def help(self) -> str | None:
        return "`limit` asks for fewer rows at a time"

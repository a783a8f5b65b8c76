"""Problems of the world outside: files, databases, Prefect's API and its settings.

Facts given to these classes are free of secrets: who makes one masks passwords first.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowql.diagnostics.base import Diagnostic

# ── files ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnreadableFile(Diagnostic):
    """A file of a query, or a database, cannot be read.

    Example: (`flowql body missing.flowql`)
    """

    path: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.path} cannot be read: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class UnwritableFile(Diagnostic):
    """A file or standard output takes no more text.

    Example: (`flowql fmt --write` on a read-only file)
    """

    path: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.path} cannot be written: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NotUtf8(Diagnostic):
    """A query's bytes are no UTF-8, the one encoding that FlowQL reads.

    Example: (`flowql body $'name = caf\\xe9'`)
    """

    what: str
    at: int

    @property
    def message(self) -> str:
        return f"{self.what} is not UTF-8: byte {self.at:,} belongs to no character"

    @property
    def help(self) -> str | None:
        return "save or send the query as UTF-8"


# ── what --on names ───────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownPlace(Diagnostic):
    """What the query should run on is neither a file that exists nor an address.

    Example: (`flowql run flows --on prefcet`)
    """

    on: str

    @property
    def message(self) -> str:
        return f"there is no file `{self.on}`, and it is no address"

    @property
    def help(self) -> str | None:
        return (
            "--on takes a database file, a database URL (sqlite:///…, postgresql://…, duckdb:///…),"
            " the URL of a Prefect API (http://…/api), or `prefect` for the one it is set up for"
        )


@dataclass(frozen=True, kw_only=True)
class BadAddress(Diagnostic):
    """An address cannot be read as one.

    Example: (`flowql run flows --on http://localhost:port/api`)
    """

    address: str
    reason: str

    @property
    def message(self) -> str:
        return f"`{self.address}` is no address that can be asked: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class UnsupportedDatabase(Diagnostic):
    """Prefect keeps its rows in SQLite or PostgreSQL; FlowQL reads those and DuckDB.

    Example: (`flowql run flows --on mysql://localhost/prefect`)
    """

    scheme: str

    @property
    def message(self) -> str:
        return f"`{self.scheme}` is none of the databases that FlowQL can read"

    @property
    def help(self) -> str | None:
        return "these are sqlite, postgresql and duckdb"


@dataclass(frozen=True, kw_only=True)
class NotADatabase(Diagnostic):
    """A file begins like neither a SQLite nor a DuckDB database.

    Example: (`flowql run flows --on README.md`)
    """

    path: str

    @property
    def message(self) -> str:
        return f"{self.path} is neither a SQLite nor a DuckDB database"


@dataclass(frozen=True, kw_only=True)
class MissingDriver(Diagnostic):
    """The database needs a Python package that is not installed.

    Example: (`flowql run flows --on prefect.duckdb` without the package duckdb)
    """

    package: str
    extra: str

    @property
    def message(self) -> str:
        return f"this database needs the Python package `{self.package}`, which is not installed"

    @property
    def help(self) -> str | None:
        return f"pip install 'flowql[{self.extra}]'"


# ── databases ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class DatabaseUnreachable(Diagnostic):
    """The database does not let itself be opened.

    Example: (`flowql run flows --on postgresql://localhost:1/prefect`)
    """

    place: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.place} cannot be opened: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class NotPrefects(Diagnostic):
    """The database lacks a table or column of Prefect's, so it is another program's or too old.

    Example: (`flowql run flows --on bookmarks.db`)
    """

    place: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.place} lacks what a database of Prefect 3 has: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class DatabaseFailed(Diagnostic):
    """The database could not answer the query.

    Example: (any query on a damaged file)
    """

    place: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.place} could not answer: {self.reason}"


# ── Prefect's settings ────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class NoApiConfigured(Diagnostic):
    """`--on prefect` asks the API that Prefect is set up for, and there is none.

    Example: (`flowql run flows --on prefect` without `PREFECT_API_URL`)
    """

    profile: str | None
    path: str

    @property
    def message(self) -> str:
        where = f"profile `{self.profile}` of {self.path}" if self.profile else self.path
        return f"PREFECT_API_URL is neither in the environment nor in {where}"

    @property
    def help(self) -> str | None:
        return "`prefect config set PREFECT_API_URL=…` sets it; --on takes the URL itself, too"


@dataclass(frozen=True, kw_only=True)
class BadSetting(Diagnostic):
    """A setting of Prefect's has a value that it cannot have. The value may be a secret: it stays
    unsaid.

    Example: (`PREFECT_API_REQUEST_TIMEOUT=soon flowql run flows --on prefect`)
    """

    name: str
    where: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.name}, set by {self.where}, cannot be used: {self.reason}"


# ── Prefect's API ─────────────────────────────────────────────────────────────


def _tried(attempts: int) -> str:
    """How often the same request was sent, where that was not once."""
    return f" in {attempts} attempts" if attempts > 1 else ""


@dataclass(frozen=True, kw_only=True)
class ApiUnreachable(Diagnostic):
    """No connection to the API came about.

    Example: (`flowql run flows --on http://localhost:1/api`)
    """

    url: str
    reason: str
    attempts: int = 1

    @property
    def message(self) -> str:
        return f"{self.url} cannot be reached{_tried(self.attempts)}: {self.reason}"

    @property
    def help(self) -> str | None:
        return "is the server running? `prefect server start` starts one"


@dataclass(frozen=True, kw_only=True)
class ConnectionLost(Diagnostic):
    """The connection broke off before the answer was whole.

    Example: (any query on a server that is stopped meanwhile)
    """

    url: str
    reason: str
    attempts: int = 1

    @property
    def message(self) -> str:
        return f"{self.url} broke off{_tried(self.attempts)}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ApiTimedOut(Diagnostic):
    """The API took longer than allowed.

    Example: (any query on a server that hangs)
    """

    url: str
    seconds: float
    attempts: int = 1

    @property
    def message(self) -> str:
        tried = _tried(self.attempts)
        return f"{self.url} gave no answer within {self.seconds:g} seconds{tried}"

    @property
    def help(self) -> str | None:
        return "PREFECT_API_REQUEST_TIMEOUT sets another time, in seconds"


@dataclass(frozen=True, kw_only=True)
class UntrustedCertificate(Diagnostic):
    """The API's certificate cannot be trusted, or its side of TLS fails.

    Example: (`flowql run flows --on https://self-signed.badssl.com/api`)
    """

    url: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.url} cannot be trusted: {self.reason}"

    @property
    def help(self) -> str | None:
        return "PREFECT_API_SSL_CERT_FILE names a file of certificates to trust"


@dataclass(frozen=True, kw_only=True)
class NotAllowed(Diagnostic):
    """The API wants a key, or another one.

    A key of the environment goes to the API that the environment names, or where it names none to
    the one asked; a profile's key goes to the profile's own API alone.

    Example: (`flowql run flows --on https://api.prefect.cloud/api/accounts/…/workspaces/…`)
    """

    url: str
    status: int
    sent: str | None
    """The name of the setting whose secret was sent."""
    withheld: str | None = None
    """Why a secret that is there was not sent."""

    @property
    def message(self) -> str:
        sent = f"with {self.sent}" if self.sent else "without a key"
        return f"{self.url} refuses the request {sent} (status {self.status})"

    @property
    def help(self) -> str | None:
        if self.withheld:
            return self.withheld
        if self.sent:
            return "the key may be wrong, expired, or another workspace's"
        return "PREFECT_API_KEY or PREFECT_API_AUTH_STRING, in the environment or profile, is sent"


@dataclass(frozen=True, kw_only=True)
class NoSuchEndpoint(Diagnostic):
    """The address answers, but has no such endpoint of Prefect's API.

    Example: (`flowql run flows --on http://127.0.0.1:4200/apj`)
    """

    url: str
    status: int

    @property
    def message(self) -> str:
        return f"there is no {self.url} (status {self.status})"

    @property
    def help(self) -> str | None:
        return "the address of a Prefect API ends in /api, that of Prefect Cloud in its workspace"


@dataclass(frozen=True, kw_only=True)
class NotThere(Diagnostic):
    """The API has no row of this name or id, which the path of a request names.

    Example: (`flowql run 'workers where work_pool.name = nowhere' --on prefect`)
    """

    url: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.url} is not there: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class RequestRefused(Diagnostic):
    """The API refuses the request as it stands; its own words say why.

    Example: (a limit over the server's own)
    """

    url: str
    status: int
    reason: str
    attempts: int = 1

    @property
    def message(self) -> str:
        tried = _tried(self.attempts)
        return f"{self.url} refuses the request{tried} (status {self.status}): {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ServerFailed(Diagnostic):
    """The API failed on its own side, or what stands before it did.

    Example: (any query while the server's database is down)
    """

    url: str
    status: int
    reason: str
    attempts: int = 1

    @property
    def message(self) -> str:
        return f"{self.url} failed{_tried(self.attempts)} (status {self.status}): {self.reason}"

    @property
    def help(self) -> str | None:
        return "the server's log says more"


@dataclass(frozen=True, kw_only=True)
class Redirected(Diagnostic):
    """The API is elsewhere. A key is not taken there unasked.

    Example: (`flowql run flows --on http://api.prefect.cloud/api`)
    """

    url: str
    to: str

    @property
    def message(self) -> str:
        return f"{self.url} sends the request on to {self.to}"

    @property
    def help(self) -> str | None:
        return "give that address, if you trust it"


@dataclass(frozen=True, kw_only=True)
class UnexpectedAnswer(Diagnostic):
    """An answer is not what Prefect's API gives, so it is no Prefect or another version.

    Example: (`flowql run flows --on https://example.com`)
    """

    url: str
    reason: str

    @property
    def message(self) -> str:
        return f"{self.url} answers with something else than Prefect's API does: {self.reason}"

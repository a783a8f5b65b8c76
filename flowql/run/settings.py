"""Prefect's own settings of its API: from the environment and the active profile.

They are found as Prefect's client finds them: `PREFECT_API_…` in the environment, then the profile
that `PREFECT_PROFILE` or the file itself names, in `PREFECT_PROFILES_PATH`, in `PREFECT_HOME`, or
in `~/.prefect/profiles.toml`. Unlike it, secrets are tied to an address: those of a profile are
for its own API, those of the environment for the API that it names, and where it names none, for
the one asked. So a key never reaches a server it was not made for.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    SecretStr,
    StringConstraints,
    ValidationError,
)

from flowql.diagnostics import FlowQLError
from flowql.diagnostics.run import BadSetting, NoApiConfigured, UnreadableFile
from flowql.run.addresses import formed
from flowql.run.places import shown_path

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}


def _printable(secret: SecretStr) -> SecretStr:
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a header holds printable ASCII alone")
    return secret


Secret = Annotated[SecretStr, AfterValidator(_printable)]
Header = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]


class Settings(BaseModel):
    """What Prefect's client is told of its API, by the names of Prefect's settings."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    url: Annotated[str | None, Field(alias="PREFECT_API_URL")] = None
    key: Annotated[Secret | None, Field(alias="PREFECT_API_KEY")] = None
    auth_string: Annotated[SecretStr | None, Field(alias="PREFECT_API_AUTH_STRING")] = None
    insecure: Annotated[bool | None, Field(alias="PREFECT_API_TLS_INSECURE_SKIP_VERIFY")] = None
    certificates: Annotated[str | None, Field(alias="PREFECT_API_SSL_CERT_FILE")] = None
    timeout: Annotated[
        float | None, Field(alias="PREFECT_API_REQUEST_TIMEOUT", gt=0, le=86_400)
    ] = None
    headers: Annotated[
        Json[dict[Header, Secret]] | dict[Header, Secret] | None,
        Field(alias="PREFECT_CLIENT_CUSTOM_HEADERS"),
    ] = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where settings come from, and what they say."""

    where: str
    """For messages: `the environment`, or a profile's name and file."""
    settings: Settings

    @property
    def has_secret(self) -> bool:
        """Whether there is something to keep from strangers."""
        said = self.settings
        return any((said.key, said.auth_string, said.headers))


@dataclass(frozen=True, slots=True)
class Connection:
    """How one API is to be asked; its secrets are for it."""

    url: str
    settings: Settings
    withheld: str | None
    """Why a secret that is there is not for this API."""


def connection(url: str | None) -> Connection:
    """How to ask the API of this address, or with None the configured one."""
    profile_name, path, profile = _profile()
    environment = Origin("the environment", _settings(os.environ, "the environment"))
    asked = url or environment.settings.url or profile.settings.url
    if not asked:
        raise FlowQLError([NoApiConfigured(profile=profile_name, path=shown_path(path))])
    chosen = formed(asked)
    merged: dict[str, Any] = {}
    withheld = None
    for origin, bound in (
        (profile, profile.settings.url or ""),
        (environment, environment.settings.url or chosen),
    ):
        said = origin.settings
        if _server(_meant(bound)) == _server(chosen):
            # Headers add up, as they do for Prefect.
            headers = {**merged.get("headers", {}), **(said.headers or {})}
            merged |= said.model_dump(exclude_none=True) | {"headers": headers}
        elif origin.has_secret:
            withheld = f"the key of {origin.where} was not sent: it is for another server"
    settings = Settings().model_copy(update=merged)
    return Connection(chosen, settings, withheld)


def _meant(url: str) -> str:
    """The API that an address stands for; one of no workspace is bound to its own host."""
    try:
        return formed(url)
    except FlowQLError:
        return url


def _server(url: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme.lower())
        return (parts.scheme.lower(), parts.hostname, port) if parts.hostname else None
    except ValueError:
        return None


# ── where settings are ────────────────────────────────────────────────────────


def _profile() -> tuple[str | None, Path, Origin]:
    """The active profile: its name, the file it is in, and what it says."""
    path = _profiles_path()
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return None, path, Origin(shown_path(path), Settings())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise FlowQLError([UnreadableFile(path=shown_path(path), reason=reason)]) from None
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        # The parser's own words may quote a line, and the line a key.
        reason = "it is not TOML"
        raise FlowQLError([UnreadableFile(path=shown_path(path), reason=reason)]) from None
    name = os.environ.get("PREFECT_PROFILE") or document.get("active")
    profiles = document.get("profiles")
    found = profiles.get(name) if isinstance(profiles, dict) and isinstance(name, str) else None
    if not isinstance(found, dict):
        return None, path, Origin(shown_path(path), Settings())
    where = f"profile `{name}` of {shown_path(path)}"
    return str(name), path, Origin(where, _settings(found, where))


def _profiles_path() -> Path:
    home = os.environ.get("PREFECT_HOME")
    if chosen := os.environ.get("PREFECT_PROFILES_PATH"):
        return _expanded(chosen)
    return _expanded(home) / "profiles.toml" if home else _expanded("~/.prefect/profiles.toml")


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def _settings(said: Mapping[str, Any], where: str) -> Settings:
    """The settings among these; an empty value is none, as it is to a shell."""
    names = {field.alias for field in Settings.model_fields.values()}
    try:
        return Settings.model_validate(
            {name: value for name, value in said.items() if name in names and value != ""}
        )
    except ValidationError as error:
        problems = {
            str(problem["loc"][0]): BadSetting(
                name=str(problem["loc"][0]), where=where, reason=problem["msg"].lower()
            )
            for problem in error.errors(include_input=False, include_url=False)
        }
        raise FlowQLError(problems.values()) from None

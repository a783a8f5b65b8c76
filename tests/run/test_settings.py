"""Prefect's settings are found as Prefect itself finds them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowql.run.settings import Settings, connection

ASK_PREFECT = """
import json, os, sys
from prefect.settings.models.root import Settings

for case in json.load(sys.stdin):
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        del os.environ[name]
    os.environ |= case
    api, client = Settings().api, Settings().client
    secret = lambda value: value and value.get_secret_value()
    print(json.dumps([
        api.url, secret(api.key), secret(api.auth_string), api.tls_insecure_skip_verify,
        api.ssl_cert_file, api.request_timeout, dict(client.custom_headers),
    ]))
"""

PROFILES = """
active = "cloud"

[profiles.cloud]
PREFECT_API_URL = "https://api.prefect.cloud/api/accounts/a/workspaces/b"
PREFECT_API_KEY = "pnu_profile"
PREFECT_API_REQUEST_TIMEOUT = "30"
PREFECT_CLIENT_CUSTOM_HEADERS = '{"X-Team": "data"}'

[profiles.own]
PREFECT_API_URL = "http://localhost:4200/api"
PREFECT_API_AUTH_STRING = "admin:profile"
PREFECT_API_TLS_INSECURE_SKIP_VERIFY = "true"
PREFECT_API_SSL_CERT_FILE = "/etc/own.pem"
PREFECT_API_REQUEST_TIMEOUT = 12.5

[profiles.empty]
"""


def test_what_is_found_is_what_prefect_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".prefect").mkdir(parents=True)
    (home / ".prefect" / "profiles.toml").write_text(PROFILES)
    other = tmp_path / "other"
    other.mkdir()
    (other / "profiles.toml").write_text(PROFILES.replace('"cloud"', '"own"', 1))
    cases: list[dict[str, str]] = [
        {},
        {"PREFECT_PROFILE": "own"},
        {"PREFECT_PROFILE": "own", "PREFECT_API_AUTH_STRING": "admin:environment"},
        {"PREFECT_HOME": str(other)},
        {"PREFECT_PROFILES_PATH": str(other / "profiles.toml")},
        {"PREFECT_PROFILES_PATH": str(other / "profiles.toml"), "PREFECT_PROFILE": "cloud"},
        {"PREFECT_PROFILE": ""},
        {"PREFECT_API_KEY": "pnu_environment"},
        {"PREFECT_API_REQUEST_TIMEOUT": "5"},
        {"PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Other": "1"}'},
        {"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "1", "PREFECT_API_SSL_CERT_FILE": "/a.pem"},
        {"PREFECT_PROFILE": "empty", "PREFECT_API_URL": "http://elsewhere/api"},
        {"PREFECT_PROFILE": "nobody's", "PREFECT_API_URL": "http://elsewhere/api"},
    ]
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("PREFECT_HOME")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)  # which httpx reads for itself
    monkeypatch.chdir(tmp_path)
    asked = subprocess.run(
        [sys.executable, "-c", ASK_PREFECT],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in asked.stdout.splitlines() if line.startswith("[")]
    for case, answer in zip(cases, answers, strict=True):
        with monkeypatch.context() as context:
            for name, value in case.items():
                context.setenv(name, value)
            assert found(None) == answer, case


def found(url: str | None) -> list[Any]:
    """The settings that are used for an API, in the order in which Prefect was asked."""

    def secret(value: Any) -> str | None:
        return value.get_secret_value() if value is not None else None

    asked = connection(url)
    settings = asked.settings
    return [
        asked.url,
        secret(settings.key),
        secret(settings.auth_string),
        bool(settings.insecure),
        settings.certificates,
        settings.timeout or 60.0,
        {name: secret(value) for name, value in (settings.headers or {}).items()},
    ]


def test_a_setting_shows_no_secret() -> None:
    settings = Settings.model_validate(
        {
            "PREFECT_API_KEY": "tell-nobody",
            "PREFECT_API_AUTH_STRING": "tell-nobody",
            "PREFECT_CLIENT_CUSTOM_HEADERS": {"X": "tell-nobody"},
        }
    )
    assert "tell-nobody" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert os.environ.get("PREFECT_API_KEY") is None


def test_the_settings_have_a_json_schema() -> None:
    properties = Settings.model_json_schema()["properties"]
    assert {name for name in properties if not name.startswith("PREFECT_")} == set()
    assert len(properties) == 7

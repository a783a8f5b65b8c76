"""Prefect's API that fails, refuses, hangs or is none; and keys that stay where they belong."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import flowql
from flowql import FlowQLError
from flowql.diagnostics import Diagnostic
from flowql.run import run
from flowql.run.http import Api
from flowql.run.retrying import Patience
from flowql.run.settings import connection
from flowql.run.shapes import PAGE
from tests.run.faults import Server

KEY = "pnu_tell-nobody"
FLOWS = "/flows/paginate"


def problem(on: str, text: str = "flows", timeout: float | None = None) -> Diagnostic:
    with pytest.raises(FlowQLError) as raised:
        run(flowql.parse(text), on, timeout=timeout)
    [found] = raised.value.diagnostics
    said = f"{found!r} {found} {found.help} {raised.value!r} {raised.value}"
    assert "tell-nobody" not in said
    assert "\x1b" not in said
    return found


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("s400", "request-refused", "(status 400): no such thing"),
        ("s401", "not-allowed", "without a key (status 401)"),
        ("s403", "not-allowed", "without a key (status 403)"),
        ("s404", "no-such-endpoint", "(status 404)"),
        ("s405", "no-such-endpoint", "(status 405)"),
        ("s422", "request-refused", "too much"),
        ("s500", "server-failed", "Internal Server Error"),
        ("s204", "unexpected-answer", "status 204"),
        ("redirect", "redirected", "elsewhere.example/api?token=***"),
        ("html", "unexpected-answer", "no JSON (text/html)"),
        ("bytes", "unexpected-answer", "no JSON"),
        ("deep", "unexpected-answer", "no JSON"),
        ("gzip", "unexpected-answer", "compressed"),
        ("list", "unexpected-answer", "dictionary"),
        ("null", "unexpected-answer", "dictionary"),
        ("number", "unexpected-answer", "dictionary"),
        ("noid", "unexpected-answer", "at results/0/id: field required"),
        ("badid", "unexpected-answer", "at results/0/id"),
        ("negative", "unexpected-answer", "at count"),
        ("text", "unexpected-answer", "at count"),
    ],
)
def test_each_fault_has_its_problem(server: Server, fault: str, code: str, words: str) -> None:
    found = problem(f"{server.url}/{fault}")
    assert found.code == code
    assert words in found.message
    assert len(server.requests) == 1, "it would fail again"


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_a_server_that_takes_too_long(server: Server, fault: str) -> None:
    before = time.monotonic()
    found = problem(f"{server.url}/{fault}", timeout=0.4)
    assert found.code == "api-timed-out"
    assert "0.4 seconds" in found.message
    assert time.monotonic() - before < 60, "the server would go on for ever"


def test_counts_and_lists_are_checked_too(server: Server) -> None:
    assert problem(f"{server.url}/good", "flows count").code == "unexpected-answer"
    assert problem(f"{server.url}/good", "work_queues").code == "unexpected-answer"
    assert run(flowql.parse("flows count"), f"{server.url}/number").count == 3
    assert run(flowql.parse("work_queues"), f"{server.url}/list").rows == []


def test_the_request_is_the_querys_own(server: Server) -> None:
    text = "tags ⊇ [etl] and run.state in [FAILED,CRASHED] sort name_asc limit 20"
    run(flowql.parse(text), f"{server.url}/good/")
    [(path, headers, body)] = server.requests
    assert path == f"/good{FLOWS}"
    assert json.loads(body) == flowql.parse(text).to_request().body
    assert headers["content-type"] == "application/json"
    assert "Authorization" not in headers


def test_select_changes_no_request(server: Server) -> None:
    run(flowql.parse("flows where name = a select name, tags"), f"{server.url}/good")
    run(flowql.parse("flows where name = a"), f"{server.url}/good")
    assert server.requests[0][2] == server.requests[1][2]


def test_the_shape_of_an_answer_has_a_json_schema() -> None:
    schema = PAGE.json_schema()
    assert set(schema["required"]) == {"results", "count", "limit", "pages", "page"}


# ── keys ──────────────────────────────────────────────────────────────────────


def profile(folder: Path, active: str = "mine", **settings: object) -> None:
    """A profiles.toml, as Prefect writes it."""
    home = folder / "prefect-home"
    home.mkdir(exist_ok=True)
    lines = [f'active = "{active}"', "[profiles.mine]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    (home / "profiles.toml").write_text("\n".join(lines))


def sent(server: Server, on: str | None = None) -> str | None:
    """What a query sends as its authorization."""
    run(flowql.parse("flows"), on or f"{server.url}/good")
    return server.requests[-1][1].get("Authorization")


def test_a_key_of_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", KEY)
    assert sent(server) == f"Bearer {KEY}"
    monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/other")
    assert sent(server) == f"Bearer {KEY}"
    monkeypatch.setenv("PREFECT_API_URL", "https://api.prefect.cloud/api")
    assert sent(server) is None
    assert "for another server" in str(problem(f"{server.url}/s401").help)


def test_a_name_and_password_go_before_a_key(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", KEY)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:tell-nobody")
    assert sent(server) == f"Basic {base64.b64encode(b'admin:tell-nobody').decode()}"


def test_a_profiles_key_is_for_its_own_api(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(tmp_path, PREFECT_API_URL=f"{server.url}/good", PREFECT_API_KEY=KEY)
    assert sent(server, "prefect") == f"Bearer {KEY}"
    assert sent(server) == f"Bearer {KEY}"
    # Another name for the same machine is another server, as far as one can know.
    assert sent(server, f"{server.url}/good".replace("127.0.0.1", "localhost")) is None
    monkeypatch.setenv("PREFECT_API_URL", f"{server.url}/good".replace("127.0.0.1", "localhost"))
    assert sent(server, "prefect") is None
    found = problem(f"{server.url}/s403".replace("127.0.0.1", "localhost"))
    assert "profile `mine`" in str(found.help)
    profile(tmp_path, PREFECT_API_KEY=KEY)
    assert sent(server) is None


def test_which_profile_is_active(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile(tmp_path, "other", PREFECT_API_URL=f"{server.url}/good", PREFECT_API_KEY=KEY)
    assert sent(server) is None
    monkeypatch.setenv("PREFECT_PROFILE", "mine")
    assert sent(server) == f"Bearer {KEY}"
    moved = tmp_path / "elsewhere.toml"
    (tmp_path / "prefect-home" / "profiles.toml").rename(moved)
    assert sent(server) is None
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(moved))
    assert sent(server) == f"Bearer {KEY}"
    monkeypatch.setenv("PREFECT_API_KEY", "of-the-environment")
    assert sent(server) == "Bearer of-the-environment"


def test_own_headers(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile(
        tmp_path,
        PREFECT_API_URL=server.url,
        PREFECT_CLIENT_CUSTOM_HEADERS='{"X-Team": "data", "User-Agent": "me"}',
    )
    sent(server)
    headers = server.requests[-1][1]
    assert (headers["X-Team"], headers["User-Agent"]) == ("data", "flowql")
    monkeypatch.setenv("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X-Team": "ops"}')
    sent(server)
    assert server.requests[-1][1]["X-Team"] == "ops"


@pytest.mark.parametrize(
    "settings",
    [
        {"PREFECT_API_KEY": KEY},
        {"PREFECT_API_AUTH_STRING": "admin:tell-nobody"},
        {"PREFECT_CLIENT_CUSTOM_HEADERS": '{"X-Secret": "tell-nobody"}'},
    ],
)
@pytest.mark.parametrize("fault", ["echo400", "echo500"])
def test_a_server_that_repeats_a_key_is_not_believed(
    server: Server, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], fault: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = problem(f"{server.url}/{fault}")
    assert base64.b64encode(b"admin:tell-nobody").decode() not in found.message
    assert "***" in found.message


def test_the_refused_key_is_named_not_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_API_KEY", KEY)
    assert "with PREFECT_API_KEY" in problem(f"{server.url}/s401").message
    address = server.url.replace("://", "://me:tell-nobody@")
    found = problem(f"{address}/s401")
    assert "the name and password of the address" in found.message
    assert "://me:***@" in found.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PREFECT_API_KEY", "tell-nobody\nX-Injected: 1"),
        ("PREFECT_API_KEY", "tell-nobody é"),
        ("PREFECT_API_REQUEST_TIMEOUT", "tell-nobody"),
        ("PREFECT_API_REQUEST_TIMEOUT", "-1"),
        ("PREFECT_API_REQUEST_TIMEOUT", "inf"),
        ("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "tell-nobody"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", "tell-nobody"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X: tell-nobody": "a"}'),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", '{"X": ["tell-nobody"]}'),
    ],
)
def test_settings_that_cannot_be(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    found = problem(f"{server.url}/good")
    assert found.code == "bad-setting"
    assert found.message.startswith(f"{name}, set by the environment, cannot be used")
    assert server.requests == []


def test_empty_settings_are_none(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PREFECT_API_KEY", "PREFECT_API_URL", "PREFECT_API_REQUEST_TIMEOUT"):
        monkeypatch.setenv(name, "")
    assert sent(server) is None
    assert problem("prefect").code == "no-api-configured"


@pytest.mark.parametrize(
    "content",
    [b"[[[ tell-nobody", b"\xff", b'PREFECT_API_KEY = "tell-nobody" oops'],
)
def test_profiles_that_cannot_be_read(server: Server, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "prefect-home").mkdir()
    (tmp_path / "prefect-home" / "profiles.toml").write_bytes(content)
    assert problem(f"{server.url}/good").code == "unreadable-file"


@pytest.mark.parametrize(
    "content", ["", "active = 3", 'active = "a"\nprofiles = 3', "[profiles]\na = 1"]
)
def test_profiles_that_say_nothing(server: Server, tmp_path: Path, content: str) -> None:
    (tmp_path / "prefect-home").mkdir()
    (tmp_path / "prefect-home" / "profiles.toml").write_text(content)
    assert sent(server) is None


# ── a real server that asks who is there ──────────────────────────────────────


def test_a_real_server_with_a_password_and_forgery_protection(
    guarded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = problem(guarded)
    assert (found.code, "401" in found.message) == ("not-allowed", True)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:wrong")
    assert problem(guarded).code == "not-allowed"
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "admin:tell-nobody")
    assert len(run(flowql.parse("flows where tags has etl"), guarded).rows) >= 3


# ── TLS ───────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody has signed but itself, with its key, for loopback."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "flowql tests")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def tls_server(server: Server, certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server() as secure:
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        thread = threading.Thread(target=secure.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield secure
        secure.closing.set()
        secure.shutdown()
        thread.join()


def test_certificates(
    tls_server: Server, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{tls_server.url}/good".replace("http:", "https:")
    found = problem(url)
    assert found.code == "untrusted-certificate"
    assert "self-signed" in found.message
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(certificate))
    assert run(flowql.parse("flows"), url).rows == []
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(tmp_path / "none.pem"))
    assert problem(url).code == "unreadable-file"
    (tmp_path / "none.pem").write_text("no certificate")
    assert problem(url).code == "unreadable-file"
    monkeypatch.delenv("PREFECT_API_SSL_CERT_FILE")
    monkeypatch.setenv("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
    assert run(flowql.parse("flows"), url).rows == []


def test_threads_are_woken_under_tls(
    tls_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_SSL_CERT_FILE", str(certificate))
    url = f"{tls_server.url}/hang".replace("http:", "https:")
    requests = [flowql.parse("flows").to_request()] * 3
    with Api(connection(url), patience=Patience(attempts=1)) as api:

        def wake() -> None:
            while len(tls_server.requests) < 3:
                time.sleep(0.01)
            api._lines.hang_up()

        waking = threading.Thread(target=wake)
        waking.start()
        before = time.monotonic()
        with pytest.raises(FlowQLError) as raised:
            api.answers(requests)
        waking.join()
    assert [one.code for one in raised.value.diagnostics] == ["connection-lost"]
    assert time.monotonic() - before < 20, "the server says nothing for 30 seconds"
    assert not [one for one in threading.enumerate() if one.name.startswith("flowql-")]


def test_tls_where_there_is_none(server: Server) -> None:
    found = problem(f"{server.url}/good".replace("http:", "https:"))
    assert found.code == "untrusted-certificate"

"""curl commands to requests: the options that say what is sent where, and the words of the others.

Promised: a request is what curl would send. What curl would read from elsewhere (`@file`,
a form, what the shell fills in) is a coded problem at its place. Values of cookies, passwords
and headers are passed over unread, but for the content type, without which the server ignores
the body.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flowql.catalog import endpoints
from flowql.diagnostics import captured as problems
from flowql.frontends.captured.found import (
    Captured,
    Found,
    endpoint_path,
    has_query,
    hidden,
    is_json,
)
from flowql.frontends.captured.shell import Command, Word, commands
from flowql.source import Span

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic

CURL = re.compile(r"(?:.*[/\\])?curl(?:\.exe)?", re.I | re.S)

_WITH_VALUE = frozenset(
    """
    abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config
    connect-timeout connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data
    data-ascii data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr
    dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-compare etag-save
    expand-data expand-header expand-json expand-output expand-url expect100-timeout form
    form-string ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode
    happy-eyeballs-timeout-ms haproxy-clientip header help hostpubmd5 hostpubsha256 hsts interface
    ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type krb libcurl limit-rate
    local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time
    netrc-file noproxy oauth2-bearer output output-dir parallel-max pass pinnedpubkey preproxy
    proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type
    proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass
    proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype
    proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file range rate
    referer request request-target resolve retry retry-delay retry-max-time sasl-authzid
    service-name socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit
    speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype
    tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file url url-query user
    user-agent variable vlan-priority write-out
    """.split()
)
_ALONE = frozenset(
    """
    anyauth append basic ca-native cert-status compressed compressed-ssh create-dirs crlf digest
    disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure eprt
    epsv fail fail-early fail-with-body false-start form-escape ftp-create-dirs ftp-pasv ftp-pret
    ftp-skip-pasv-ip ftp-ssl ftp-ssl-ccc ftp-ssl-control get globoff haproxy-protocol head http0.9
    http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only ignore-content-length include
    insecure ipv4 ipv6 junk-session-cookies list-only location location-trusted
    mail-rcpt-allowfails manual metalink negotiate netrc netrc-optional next ntlm ntlm-wb
    parallel parallel-immediate path-as-is post301 post302 post303 progress-bar proxy-anyauth
    proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure proxy-negotiate proxy-ntlm
    proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 proxytunnel raw
    remote-header-name remote-name remote-name-all remote-time remove-on-error retry-all-errors
    retry-connrefused sasl-ir show-error show-headers silent skip-existing socks5-basic
    socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke
    ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output suppress-connect-headers
    tcp-fastopen tcp-nodelay tftp-no-options tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3
    tr-encoding trace-ids trace-time use-ascii verbose version xattr
    alpn buffer clobber keepalive npn progress-meter sessionid
    """.split()
)
_SHORT = {
    "#": "progress-bar", ":": "next", "0": "http1.0", "1": "tlsv1", "2": "sslv2", "3": "sslv3",
    "4": "ipv4", "6": "ipv6", "A": "user-agent", "B": "use-ascii", "C": "continue-at",
    "D": "dump-header", "E": "cert", "F": "form", "G": "get", "H": "header", "I": "head",
    "J": "remote-header-name", "K": "config", "L": "location", "M": "manual", "N": "no-buffer",
    "O": "remote-name", "P": "ftp-port", "Q": "quote", "R": "remote-time", "S": "show-error",
    "T": "upload-file", "U": "proxy-user", "V": "version", "X": "request", "Y": "speed-limit",
    "Z": "parallel", "a": "append", "b": "cookie", "c": "cookie-jar", "d": "data",
    "e": "referer", "f": "fail", "g": "globoff", "h": "help", "i": "include",
    "j": "junk-session-cookies", "k": "insecure", "l": "list-only", "m": "max-time", "n": "netrc",
    "o": "output", "p": "proxytunnel", "q": "disable", "r": "range", "s": "silent",
    "t": "telnet-option", "u": "user", "v": "verbose", "w": "write-out", "x": "proxy",
    "y": "speed-time", "z": "time-cond",
}  # fmt: skip
_KNOWN = tuple(sorted(f"--{name}" for name in _WITH_VALUE | _ALONE))

_READS_FILES = frozenset({"data", "data-ascii", "data-binary", "json"})
_FORMS = frozenset({"form", "form-string", "data-urlencode"})
_FROM_FILES = frozenset({"config", "upload-file"})
_EXPANDED = frozenset({"expand-data", "expand-json", "expand-url", "variable"})


def first(text: str) -> int | None:
    """Where the first curl command of a text begins, if it has one."""
    found = _LINE.search(text)
    return found.start() if found else None


_LINE = re.compile(
    r"(?:^|[;&|(])[ \t]*(?:PS [^\n>]{0,300}>|[A-Za-z]:\\[^\n>]{0,300}>|[$%>#])?[ \t]*"
    r"(?:\w{1,50}=\S{0,300}[ \t]+){0,9}(?:[\w./\\:-]{0,300}[/\\])?"
    r"curl(?:\.exe)?(?=\s|\\|\^|`|\Z)",
    re.M | re.I,
)
"""A command with what may stand before it; the bounds keep the search linear."""


def read(text: str) -> Found:
    """The requests of all curl commands of a text."""
    found, unclosed = commands(text)
    shown: list[Span] = [problem.span for problem in unclosed if problem.span]
    requests: list[Captured] = []
    for command in found:
        for request in _requests(command):
            requests += request.captured(text, shown)
    if unclosed:
        # The rest of the text is inside of the quote, so the last command is not whole.
        last = requests.pop() if requests else Captured("", "", None)
        requests.append(Captured("", last.path, None, problems=tuple(unclosed)))
    if len(requests) > 1:
        requests = [
            Captured(one.method, one.path, one.body, f"curl {number}", one.problems)
            for number, one in enumerate(requests, start=1)
        ]
    return Found(tuple(requests), hidden(text, shown))


@dataclass(slots=True)
class _Request:
    """What one command, up to `--next`, says of its request."""

    span: Span
    urls: list[Word] = field(default_factory=list)
    data: list[tuple[str, Word]] = field(default_factory=list)
    method: str | None = None
    content_type: str | None = None
    """As a header says it, nothing where it takes the header away."""
    typed: bool = False
    """A header speaks of the content type."""
    get: bool = False
    head: bool = False
    problems: list[Diagnostic] = field(default_factory=list)
    options: list[Span] = field(default_factory=list)

    def captured(self, text: str, shown: list[Span]) -> list[Captured]:
        """A request a URL; `shown` takes what has nothing secret in it."""
        shown += self.options
        shown += [problem.span for problem in self.problems if problem.span]
        if not self.urls and not self.problems:
            self.problems.append(problems.NoUrl(span=self.span))
        if not self.urls:
            return [Captured("", "", None, problems=tuple(self.problems))]
        body = self._body()
        shown += [problem.span for problem in self.problems if problem.span]
        # With an option misread, what looks like a further URL may be its value.
        urls = self.urls[:1] if self.problems else self.urls
        return [self._of(url, body, text, shown) for url in urls]

    def _of(self, url: Word, body: str | None, text: str, shown: list[Span]) -> Captured:
        method = self.method or self._usual_method(body)
        path = endpoint_path(_without_base(url))
        found = list(self.problems)
        at = text.find(path, url.span.start, url.span.end) if path != "/" else -1
        span = Span(at, at + len(path)) if at >= 0 else self.span
        shown.append(span)
        if url.expansion and method == "POST" and not _is_base(url):
            found.append(_expansion(url, text))
            shown.append(url.expansion)
        elif endpoints.find(path) and method != "POST" and (self.get or body is not None):
            found.append(problems.OtherMethod(span=span, method=method[:20], path=path))
        elif body and (sent_as := self._sent_as()) is not None and not is_json(sent_as):
            found.append(problems.BodyIgnored(span=span, content_type=sent_as))
            body = None
        if has_query(url.text) and endpoints.find(path):
            found.append(problems.QueryIgnored(span=span))
        return Captured(method, path, body, problems=tuple(found))

    def _usual_method(self, body: str | None) -> str:
        if self.head:
            return "HEAD"
        return "GET" if body is None or self.get else "POST"

    def _sent_as(self) -> str | None:
        """The content type of the data, None where none is sent."""
        if self.typed:
            return self.content_type
        as_json = any(option == "json" for option, _ in self.data)
        return "application/json" if as_json else "application/x-www-form-urlencoded"

    def _body(self) -> str | None:
        """The data as curl joins them; what cannot be known is a problem."""
        if not self.data:
            return None
        joined: list[str] = []
        for option, word in self.data:
            if word.expansion is not None:
                self.problems.append(
                    problems.ShellExpansion(
                        span=word.expansion,
                        written=_short(word.text[word.filled :], word.expansion),
                    )
                )
            elif option in _READS_FILES and word.text.startswith("@"):
                self.problems.append(
                    problems.BodyInFile(span=word.span, option=f"--{option}", file=word.text)
                )
            elif joined and option != "json":
                joined.append("&")
            joined.append(_as_json(word.text))
        return "".join(joined)


def _requests(command: Command) -> list[_Request]:
    """The requests of a command: none where it is none of curl's."""
    at = 0
    while at < len(command) and re.match(r"\w+=", command[at].text):
        at += 1
    if at == len(command) or not CURL.fullmatch(command[at].text):
        return []
    curl = command[at].span
    requests = [_Request(curl, options=[curl])]
    words = command[at + 1 :]
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        request = requests[-1]
        if not word.text.startswith("-") or word.text == "-":
            request.urls.append(word)
            continue
        for name, span, value in _options(word, request):
            if name in _WITH_VALUE and value is None:
                if at == len(words):
                    option = word.text if word.text.startswith("--") else word.text[:2]
                    request.problems.append(
                        problems.OptionWithoutValue(span=span, option=option[:40])
                    )
                    continue
                value = words[at]
                at += 1
            if name == "next":
                requests.append(_Request(word.span, options=[word.span]))
            else:
                _apply(request, name, span, value)
    return requests


def _options(word: Word, request: _Request) -> list[tuple[str, Span, Word | None]]:
    """The options of a word: several short ones may be run together, the last with its value."""
    text = word.text
    if text.startswith("--"):
        name = text[2:]
        if name in _WITH_VALUE or name.removeprefix("no-") in _ALONE:
            request.options.append(word.span)
            return [(name, word.span, None)]
        # What follows `=` may be secret.
        option = text.partition("=")[0][:40]
        span = Span(word.span.start, min(word.span.end, word.span.start + len(option)))
        request.problems.append(problems.UnknownOption(span=span, option=option, known=_KNOWN))
        return []
    found: list[tuple[str, Span, Word | None]] = []
    span = Span(word.span.start, min(word.span.end, word.span.start + 2))
    for at, letter in enumerate(text[1:], start=1):
        short = _SHORT.get(letter)
        if short is None:
            option = f"-{letter}"
            known = tuple(f"-{each}" for each in _SHORT)
            request.problems.append(problems.UnknownOption(span=span, option=option, known=known))
            break
        if short in _WITH_VALUE:
            request.options.append(Span(word.span.start, min(word.span.end, span.start + at + 1)))
            rest = text[at + 1 :]
            if not rest:
                found.append((short, span, None))
            else:
                filled = max(0, word.filled - at - 1)
                found.append((short, span, Word(rest, word.span, word.expansion, filled)))
            break
        found.append((short, span, None))
    return found


def _apply(request: _Request, name: str, span: Span, value: Word | None) -> None:
    match name:
        case "url" if value:
            request.urls.append(value)
        case "request" if value:
            request.method = value.text.upper()
        case "header" if value:
            _header(request, value)
        case "get":
            request.get = True
        case "head":
            request.head = True
        case "data" | "data-ascii" | "data-binary" | "data-raw" | "json" if value:
            request.data.append((name, value))
        case _ if name in _FORMS:
            request.problems.append(problems.FormData(span=span, option=f"--{name}"))
        case _ if name in _FROM_FILES:
            file = value.text if value else ""
            at = value.span if value else span
            request.problems.append(problems.BodyInFile(span=at, option=f"--{name}", file=file))
        case _ if name in _EXPANDED:
            request.problems.append(problems.ShellExpansion(span=span, written=f"--{name}"))
        case _:
            pass


_CONTENT_TYPE = re.compile(r"content-type\s*(?:(:)\s*(.*?)|;)\s*", re.I | re.S)


def _header(request: _Request, value: Word) -> None:
    """The one header that says whether the body is read; all others stay unread."""
    if value.text.startswith("@"):
        request.problems.append(
            problems.BodyInFile(span=value.span, option="--header", file=value.text)
        )
    elif found := _CONTENT_TYPE.fullmatch(value.text):
        request.typed = True
        # Nothing behind the colon takes the header away, a semicolon sends it empty.
        request.content_type = (found[2] or None) if found[1] else ""
        if value.expansion is not None:
            written = _short(value.text[value.filled :], value.expansion)
            request.problems.append(problems.ShellExpansion(span=value.expansion, written=written))


def _short(text: str, expansion: Span) -> str:
    written = text[: expansion.end - expansion.start]
    return written if len(written) <= 40 else f"{written[:39]}…"


def _expansion(url: Word, text: str) -> Diagnostic:
    assert url.expansion is not None
    written = text[url.expansion.start : url.expansion.end]
    return problems.ShellExpansion(span=url.expansion, written=written[:40])


_BASE = re.compile(r"(?:\$\w+|\$\{[^}]{0,300}\}|%\w+%|\$\([^)]{0,300}\)|`[^`]{0,300}`)")


def _without_base(url: Word) -> str:
    """The URL without a first part that the shell fills in: `$PREFECT_API_URL/flows/filter`."""
    text = url.text if url.expansion is None else _BASE.sub("", url.text)
    return text if "://" in text or text.startswith("/") else f"//{text}"


def _is_base(url: Word) -> bool:
    """Whether what the shell fills in ends before the endpoint's path begins."""
    last = max((found.end() for found in _BASE.finditer(url.text)), default=0)
    path = endpoint_path(_without_base(url))
    return endpoints.find(path) is not None and path in url.text[last:]


def _as_json(text: str) -> str:
    r"""A body as the program gets it; before version 7.3 PowerShell leaves `\"` to be undone."""
    if '\\"' not in text:
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        undone = text.replace('\\"', '"')
        try:
            json.loads(undone)
        except (ValueError, RecursionError):
            return text
        return undone
    return text

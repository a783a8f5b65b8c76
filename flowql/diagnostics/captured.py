"""Problems of requests found in other texts: curl commands, HAR files, fetch calls, pages, models.

`pointer` is the JSON pointer of the place in a HAR file. No message shows what a header, a
cookie or an option may keep secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowql.diagnostics.base import Diagnostic, Severity, listed, nearest

# ── which form it has ─────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownForm(Diagnostic):
    """The text is none of the forms in which requests are read.

    Example: (the text `wget http://127.0.0.1:4200/api/flows/filter`)
    """

    @property
    def message(self) -> str:
        return "the text is no request that can be read"

    @property
    def help(self) -> str | None:
        return (
            "it may be a JSON body with its path, a curl command, a HAR file, a fetch call, or the"
            " address of a page of Prefect's"
        )


@dataclass(frozen=True, kw_only=True)
class MissingPath(Diagnostic):
    """What a body means depends on the path that it was sent to.

    Example: (the text `{"limit": 5}`)
    """

    @property
    def message(self) -> str:
        return "a body alone does not say which endpoint it was sent to"

    @property
    def help(self) -> str | None:
        return "name its path, such as `/flow_runs/filter`"


@dataclass(frozen=True, kw_only=True)
class NothingToRead(Diagnostic):
    """Not one of the requests is a POST to an endpoint that filters, pages or counts.

    Example: (a HAR file with GET requests alone)
    """

    passed_over: int

    @property
    def message(self) -> str:
        if self.passed_over == 0:
            return "there is no request"
        if self.passed_over == 1:
            return "the one request is no POST to an endpoint that filters, pages or counts"
        return (
            f"none of the {self.passed_over:,} requests is a POST to an endpoint that filters,"
            " pages or counts"
        )


@dataclass(frozen=True, kw_only=True)
class PassedOver(Diagnostic):
    """Some of the requests select no rows, so there is nothing to read in them.

    Example: (a HAR file with POSTs to `/flows/filter` and GETs)
    """

    severity: ClassVar[Severity] = "note"

    count: int

    @property
    def message(self) -> str:
        requests = "request is" if self.count == 1 else "requests are"
        return (
            f"{self.count:,} other {requests} no POST to an endpoint that filters, pages or counts"
        )


@dataclass(frozen=True, kw_only=True)
class OtherMethod(Diagnostic):
    """The endpoint is asked by POST; another method gives 405.

    Example: (the text `curl -G http://127.0.0.1:4200/api/flows/filter -d limit=5`)
    """

    method: str
    path: str

    @property
    def message(self) -> str:
        return f"`{self.path}` is asked by POST, not by {self.method}"


@dataclass(frozen=True, kw_only=True)
class BodyIgnored(Diagnostic):
    """The body is not sent as JSON; the server ignores all of it and gives every row.

    curl's `-d` sends a form, and `fetch` plain text, unless a header says otherwise.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -d '{"limit": 5}'`)
    """

    severity: ClassVar[Severity] = "warning"

    content_type: str

    @property
    def message(self) -> str:
        content_type = self.content_type.strip()
        shown = content_type if len(content_type) <= 60 else f"{content_type[:59]}…"
        return f"the server ignores the whole body, since its content type is `{shown}`"

    @property
    def help(self) -> str | None:
        return "send it with `Content-Type: application/json`; curl has `--json` for it"


@dataclass(frozen=True, kw_only=True)
class QueryIgnored(Diagnostic):
    """What stands behind the `?` of the URL is ignored: the endpoint reads its body alone.

    Example: (the text `curl -X POST 'http://127.0.0.1:4200/api/flows/filter?limit=5'`)
    """

    severity: ClassVar[Severity] = "warning"

    @property
    def message(self) -> str:
        return "the server ignores what stands behind the `?` of the URL"

    @property
    def help(self) -> str | None:
        return "put it into the body"


# ── words of a shell ──────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnclosedQuote(Diagnostic):
    """A quote is not closed before the text ends.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -d '{}`)
    """

    quote: str

    @property
    def message(self) -> str:
        return f"`{self.quote}` is not closed"


@dataclass(frozen=True, kw_only=True)
class ShellExpansion(Diagnostic):
    """The shell puts something else in this place, and what it is the text does not say.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -d "$BODY"`)
    """

    written: str

    @property
    def message(self) -> str:
        return f"the shell puts something else in the place of `{self.written}`"

    @property
    def help(self) -> str | None:
        return "write what it stands for"


# ── curl ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownOption(Diagnostic):
    """curl has no such option, so it is not known whether a value follows it.

    Example: (the text `curl --dta '{}' http://127.0.0.1:4200/api/flows/filter`)
    """

    option: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.option}` is no option of curl's that is known here"

    @property
    def help(self) -> str | None:
        close = nearest(self.option, self.known)
        return f"did you mean `{close}`?" if close else "leave it out"


@dataclass(frozen=True, kw_only=True)
class OptionWithoutValue(Diagnostic):
    """The command ends where the value of an option belongs.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -d`)
    """

    option: str

    @property
    def message(self) -> str:
        return f"nothing follows `{self.option}`, which takes a value"


@dataclass(frozen=True, kw_only=True)
class NoUrl(Diagnostic):
    """A curl command names no URL.

    Example: (the text `curl -d '{}'`)
    """

    @property
    def message(self) -> str:
        return "the command names no URL"


@dataclass(frozen=True, kw_only=True)
class BodyInFile(Diagnostic):
    """The command takes the body from a file, which is not opened for it.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -d @body.json`)
    """

    option: str
    file: str

    @property
    def message(self) -> str:
        file = self.file if len(self.file) <= 60 else f"{self.file[:59]}…"
        return f"`{self.option}` takes from `{file}`, which is not opened from here"

    @property
    def help(self) -> str | None:
        return "give the file itself, with the path that it is sent to"


@dataclass(frozen=True, kw_only=True)
class FormData(Diagnostic):
    """The option sends a form; the endpoints read JSON alone.

    Example: (the text `curl http://127.0.0.1:4200/api/flows/filter -F limit=5`)
    """

    option: str

    @property
    def message(self) -> str:
        return f"`{self.option}` sends a form, and the endpoint reads JSON"

    @property
    def help(self) -> str | None:
        return "send JSON with `--json` or `--data-raw`"


# ── HAR files ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class NotHar(Diagnostic):
    """A value is not of the type that a HAR file has there.

    Example: (the text `{"log": {"entries": {}}}`)
    """

    found: str
    wanted: str

    @property
    def message(self) -> str:
        return f"{self.found} stands where a HAR file has {self.wanted}"


@dataclass(frozen=True, kw_only=True)
class BodyNotKept(Diagnostic):
    """The file says how long the body was and does not hold it.

    Read as no body at all the request would select every row.

    Example: (an entry with `"bodySize": 61` and without `postData`)
    """

    size: int

    @property
    def message(self) -> str:
        return f"the body of {self.size:,} bytes is not kept in the file"


@dataclass(frozen=True, kw_only=True)
class EncodedBody(Diagnostic):
    """The body is compressed, or encoded in a way that is not read here.

    Example: (an entry with the header `content-encoding: gzip`)
    """

    encoding: str

    @property
    def message(self) -> str:
        encoding = self.encoding if len(self.encoding) <= 20 else f"{self.encoding[:19]}…"
        return f"a body encoded as `{encoding}` is not read"


@dataclass(frozen=True, kw_only=True)
class NotBase64(Diagnostic):
    """The body is said to be base64 and is not.

    Example: (an entry with the body `{}` and `"encoding": "base64"`)
    """

    @property
    def message(self) -> str:
        return "the body is said to be base64, and is not"


# ── fetch ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class NotLiteral(Diagnostic):
    """JavaScript is read as far as it is written out; nothing is evaluated.

    Example: (the text `fetch("http://127.0.0.1:4200/api/flows/filter", options)`)
    """

    wanted: str

    @property
    def message(self) -> str:
        return f"{self.wanted} belongs here, written out: JavaScript is not evaluated"


# ── addresses of pages ────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class UnknownPage(Diagnostic):
    """The address is none of a page that lists what a request selects.

    Example: (the text `http://127.0.0.1:4200/settings`)
    """

    path: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.path}` is no page whose request is known"

    @property
    def help(self) -> str | None:
        return f"it is one of {listed(self.known, 20)}"


@dataclass(frozen=True, kw_only=True)
class UnknownParameter(Diagnostic):
    """The page knows no such parameter and ignores it.

    Example: (the text `http://127.0.0.1:4200/runs?sate=Late`)
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"the page knows no `{self.name}` and ignores it"

    @property
    def help(self) -> str | None:
        if close := nearest(self.name, self.known):
            return f"did you mean `{close}`?"
        return f"it reads {listed(self.known, 20)}" if self.known else None


@dataclass(frozen=True, kw_only=True)
class UnreadParameter(Diagnostic):
    """The page filters by this parameter, and how is not known here.

    Example: (the text `http://127.0.0.1:4200/flows?flowRuns.state.type=FAILED`)
    """

    name: str

    @property
    def message(self) -> str:
        return f"what `{self.name}` means to the page is not known"

    @property
    def help(self) -> str | None:
        return "copy the page's request from the browser instead"


@dataclass(frozen=True, kw_only=True)
class LeftOutParameter(Diagnostic):
    """The page knows the parameter; the request for its rows does not depend on it.

    Example: (the text `http://127.0.0.1:4200/runs?workQueue=default`)
    """

    severity: ClassVar[Severity] = "warning"

    name: str

    @property
    def message(self) -> str:
        return f"`{self.name}` takes no part in the request for the page's rows"


@dataclass(frozen=True, kw_only=True)
class IgnoredValue(Diagnostic):
    """The page cannot use the value and goes on as if it were not there.

    Example: (the text `http://127.0.0.1:4200/runs?flow-runs-page=two`)
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    wanted: str

    @property
    def message(self) -> str:
        return f"the page ignores the value of `{self.name}`, which is not {self.wanted}"


@dataclass(frozen=True, kw_only=True)
class WrongParameter(Diagnostic):
    """The page shows an error in the place of rows, since it cannot use the value.

    Example: (the text `http://127.0.0.1:4200/v2/runs?sort=newest`)
    """

    name: str
    wanted: str

    @property
    def message(self) -> str:
        return f"the page shows an error for the value of `{self.name}`: it is not {self.wanted}"


@dataclass(frozen=True, kw_only=True)
class BrowserSetting(Diagnostic):
    """The address does not say how many rows a page has; the browser remembers it.

    Example: (the text `http://127.0.0.1:4200/runs?state=Late`)
    """

    severity: ClassVar[Severity] = "note"

    limit: int

    @property
    def message(self) -> str:
        return f"the browser remembers how many rows a page has: {self.limit} unless changed there"


@dataclass(frozen=True, kw_only=True)
class BrowserZone(Diagnostic):
    """A day or a time without a zone is one in the browser's zone, which the address lacks.

    Example: (the text `http://127.0.0.1:4200/v2/runs?range=today`)
    """

    severity: ClassVar[Severity] = "note"

    zone: str

    @property
    def message(self) -> str:
        return f"the page means the browser's time zone, which is taken to be {self.zone}"


# ── filter models ─────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SeveralFilters(Diagnostic):
    """Several filters do not say of which entity the rows are.

    Example: (`from_filters(FlowFilter(), FlowRunFilter())`)
    """

    given: tuple[str, ...]

    @property
    def message(self) -> str:
        if not self.given:
            return "without a filter nothing says of which entity the rows are"
        return f"{listed(self.given)} do not say of which entity the rows are"

    @property
    def help(self) -> str | None:
        return 'name it, such as `target="flow_runs"`'


@dataclass(frozen=True, kw_only=True)
class UnknownFilter(Diagnostic):
    """An object is no filter model of Prefect's that can be read.

    Example: (`from_filters({"name": {"any_": ["a"]}})`)
    """

    given: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"`{self.given}` is no filter model that can be read"

    @property
    def help(self) -> str | None:
        if close := nearest(self.given, self.known):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.known, 20)}"


@dataclass(frozen=True, kw_only=True)
class NoSuchTarget(Diagnostic):
    """The target is no entity that is asked with filters.

    Example: (`from_filters(FlowFilter(), target="flow")`)
    """

    target: str
    known: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"there are no `{self.target}` that are asked with filters"

    @property
    def help(self) -> str | None:
        if close := nearest(self.target, self.known):
            return f"did you mean `{close}`?"
        return f"it is one of {listed(self.known, 20)}"


@dataclass(frozen=True, kw_only=True)
class FilterNotTaken(Diagnostic):
    """The endpoint of the target takes no such filter, so the client cannot send it.

    Example: (`from_filters(WorkPoolFilter(), target="task_runs")`)
    """

    given: str
    target: str
    taken: tuple[str, ...]

    @property
    def message(self) -> str:
        return f"a request for {self.target} takes no `{self.given}`"

    @property
    def help(self) -> str | None:
        return f"it takes {listed(self.taken)}"


@dataclass(frozen=True, kw_only=True)
class RepeatedFilter(Diagnostic):
    """Two filters of one model were given; a request has room for one.

    Example: (`from_filters(FlowFilter(), FlowFilter())`)
    """

    given: str

    @property
    def message(self) -> str:
        return f"`{self.given}` was given twice, and a request has room for one"

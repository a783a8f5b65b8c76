"""Values reach every engine as they are, in the text and as parameters."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlglot import exp

import flowql
from flowql import typed
from flowql.backends.sql import to_sql
from flowql.backends.sql.dialect import Packed
from flowql.backends.sql.dialects import get
from flowql.backends.sql.values import LONG, Values
from flowql.catalog import Type
from flowql.diagnostics import Diagnostic, FlowQLError
from tests.backends.sql.engines import Engine, column, query
from tests.hostile import HOSTILE, REFUSED
from tests.oracle.data import AWKWARD

LETTERS = [text for text in HOSTILE if text.isascii()]
MODES = ["inline", "bind"]


class Asked:
    """One SELECT of an expression that is built from values."""

    def __init__(self, engine: Engine, params: str) -> None:
        self.engine = engine
        self.problems: list[Diagnostic] = []
        dialect = get(engine.dialect)
        assert dialect is not None
        self.dialect = dialect
        self.values = Values(dialect, params == "bind", self.problems)
        self.params = params

    def one(self, value: Any, kind: Type = Type.TEXT) -> exp.Expr:
        return self.values.one(value, kind, None)

    def text(self, value: str) -> exp.Expr:
        """A text whose type no engine has to guess."""
        return exp.Cast(this=self.one(value), to=exp.DataType.build("text"))

    def answer(self, expression: exp.Expr) -> Any:
        params = tuple(self.values.params) if self.params == "bind" else None
        found = self.engine.value(expression, params)
        assert not self.problems
        return found


@pytest.fixture(params=MODES)
def ask(engine: Engine, request: pytest.FixtureRequest) -> Any:
    return lambda: Asked(engine, request.param)


def test_hostile_texts_come_back_equal(ask: Any) -> None:
    assert len(HOSTILE) > 300
    for text in HOSTILE:
        asked = ask()
        assert asked.answer(asked.text(text)) == text


def test_hostile_texts_in_one_long_list(ask: Any) -> None:
    assert len(HOSTILE) > LONG
    for text in (*HOSTILE[::7], "not in it"):
        asked = ask()
        own = asked.text(text)
        wanted = asked.values.many(HOSTILE, Type.TEXT, None)
        assert isinstance(wanted, Packed)
        found = asked.answer(asked.dialect.one_of_packed(own, wanted.array))
        assert bool(found) == (text in HOSTILE)


@pytest.mark.parametrize("operator", ["contains", "starts with", "ends with"])
def test_every_character_is_ordinary_to_text_operators(ask: Any, operator: Any) -> None:
    around = {"contains": "x{}y", "starts with": "{}y", "ends with": "x{}"}[operator]
    for text in LETTERS:
        for own in (around.replace("{}", text.swapcase()), around.replace("{}", text + "!")):
            asked = ask()
            stored = asked.text(own)
            found = asked.answer(
                asked.dialect.text_match(
                    operator,
                    stored,
                    lambda form, asked=asked, text=text: asked.values.one(
                        text, Type.TEXT, None, form
                    ),
                )
            )
            folded, needle = own.lower(), text.lower()
            wanted = {
                "contains": needle in folded,
                "starts with": folded.startswith(needle),
                "ends with": folded.endswith(needle),
            }[operator]
            assert bool(found) == wanted, (operator, own, text)


def test_hostile_texts_as_tags(ask: Any) -> None:
    stored = json.dumps(HOSTILE)
    for text in HOSTILE[::5]:
        for wanted, answer in (([text], True), ([text, f"{text} no"], False)):
            asked = ask()
            tags: exp.Expr = exp.Literal.string(stored)
            if asked.dialect.name == "postgres":
                # The driver reads a `%` as its own where there are parameters.
                asked_text = stored.replace("%", "%%") if asked.params == "bind" else stored
                tags = exp.Cast(this=exp.Literal.string(asked_text), to=exp.DataType.build("jsonb"))
            found = asked.answer(
                asked.dialect.has_all(tags, asked.values.many(wanted, Type.TAGS, None))
            )
            assert bool(found) == answer, text


def test_hostile_texts_as_keys(ask: Any) -> None:
    for text in HOSTILE:
        asked = ask()
        stored = json.dumps({"other": 1, text: {text: "found"}})
        stored = stored.replace("%", "%%") if "%%" in asked.values.own("%", None) else stored
        document: exp.Expr = exp.Literal.string(stored)
        if asked.dialect.name == "postgres":
            document = exp.Cast(this=document, to=exp.DataType.build("jsonb"))
        key = asked.values.own(text, None)
        found = asked.answer(asked.dialect.json_value(document, (key, key), Type.TEXT))
        assert found == "found", text


@pytest.mark.parametrize("text", REFUSED)
def test_what_no_database_keeps_is_refused(engine: Engine, text: str) -> None:
    conditions: list[typed.Predicate] = [
        typed.In(column("flows", "name"), (text,)),
        typed.In(column("flows", "name"), tuple(f"{n}{text}" for n in range(200))),
        typed.TextMatch(column("flows", "name"), "contains", text),
        typed.TagsMatch(column("flows", "tags"), "has all", (text,)),
        typed.IsNull(column("flows", "labels", text)),
    ]
    for condition in conditions:
        for params in MODES:
            with pytest.raises(FlowQLError) as caught:
                to_sql(query("flows", condition), engine.dialect, params)  # type: ignore[arg-type]
            assert {problem.code for problem in caught.value.diagnostics} == {"unsafe-character"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (0, Type.INTEGER),
        (-1, Type.INTEGER),
        (2**63 - 1, Type.INTEGER),
        (-(2**63), Type.INTEGER),
        (9007199254740993, Type.INTEGER),
        (0.1, Type.INTEGER),
        (-2.5e-300, Type.INTEGER),
        (1.7976931348623157e308, Type.INTEGER),
        (True, Type.BOOLEAN),
        (False, Type.BOOLEAN),
        (UUID("0f8fad5b-d9cb-469f-a165-70867728950e"), Type.UUID),
    ],
)
def test_values_come_back_equal(ask: Any, value: Any, kind: Type) -> None:
    asked = ask()
    found = asked.answer(asked.one(value, kind))
    assert str(found) == str(value) if kind is Type.UUID else float(found) == float(value)
    if isinstance(value, int):
        assert int(found) == value


@pytest.mark.parametrize(
    "value",
    [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(1066, 10, 14, 9, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 4, 15, 12, 0, 0, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_times_are_exact(ask: Any, value: datetime) -> None:
    for other in (value, value - timedelta(microseconds=1) if value.year > 1 else value):
        asked = ask()
        found = asked.answer(
            exp.EQ(this=asked.one(value, Type.TIME), expression=asked.one(other, Type.TIME))
        )
        assert bool(found) == (value == other)


# ── parameters without a value ────────────────────────────────────────────────

MISSING = typed.Parameter("missing", Type.TEXT)


def test_inline_refuses_them_at_their_place(engine: Engine) -> None:
    from flowql.source import Span

    name = typed.Parameter("name", Type.TEXT, False, Span(7, 12))
    limit = typed.Parameter("limit", Type.INTEGER, False, Span(20, 26))
    asked = query("flows", typed.In(column("flows", "name"), (name,)), limit=limit)
    with pytest.raises(FlowQLError) as caught:
        to_sql(asked, engine.dialect)
    found = [(problem.code, problem.span) for problem in caught.value.diagnostics]
    assert found == [("unbound-parameter", (7, 12)), ("unbound-parameter", (20, 26))]


def test_bound_statements_hand_them_on(engine: Engine) -> None:
    name = typed.Parameter("name", Type.TEXT)
    condition = typed.And(
        (
            typed.In(column("flows", "name"), (name, "etl")),
            typed.TextMatch(column("flows", "name"), "ends with", name),
        )
    )
    sql = to_sql(query("flows", condition), engine.dialect, "bind")
    assert set(sql.params) == {name, "etl"}
    assert len(sql.params) == len(sql.bind(name="etl"))
    with pytest.raises(FlowQLError) as caught:
        sql.bind(nam="etl")
    assert [problem.code for problem in caught.value.diagnostics] == [
        "unused-parameter",
        "unbound-parameter",
    ]


def test_without_parameters_binding_changes_nothing(engine: Engine) -> None:
    sql = to_sql(
        query("flows", typed.In(column("flows", "name"), ("etl",))), engine.dialect, "bind"
    )
    assert sql.bind() == sql.params == ("etl",)


NOON = datetime(2026, 4, 15, 12, tzinfo=UTC)
RUN = AWKWARD["flow_run"][0]["id"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "brave-otter"),
        ("name", ["brave-otter", "", "%"]),
        ("name", []),
        ("state", "FAILED"),
        ("state", ["FAILED", "CRASHED"]),
        ("state", []),
        ("id", RUN),
        ("id", str(RUN)),
        ("deployment_id", [RUN]),
        ("created_by.id", RUN),
        ("created_by.id", [RUN]),
        ("run_count", 2),
        ("run_count", [1, 2.5]),
        ("run_count", []),
        ("end_time", NOON),
        ("end_time", [NOON, datetime(2026, 4, 14, 3, 4, 5, 60, tzinfo=UTC)]),
        ("duration", timedelta(minutes=5)),
        ("duration", [timedelta(0)]),
        ("total_run_time", [timedelta(0), timedelta(minutes=5)]),
        ("auto_scheduled", True),
        ("auto_scheduled", [False]),
        *(("parameters", x) for x in (1, "1", True, 1.5, 0, "", 9007199254740993)),
        *(("parameters", [x]) for x in (1, "1", True, 1.5, 0, "", 9007199254740993)),
        ("parameters", []),
    ],
)
def test_a_bound_parameter_is_its_value(engine: Engine, field: str, value: Any) -> None:
    own = column("flow_runs", field, *(["x"] if field == "parameters" else []))
    many = isinstance(value, list)
    parameter = typed.Parameter("p", own.field.type, many)
    values = tuple(value) if many else (value,)
    if own.field.type is Type.UUID:
        values = tuple(UUID(str(x)) for x in values)
    for wrap in (lambda x: x, typed.Not):
        given = wrap(typed.In(own, values))
        opened = wrap(typed.In(own, (parameter,)))
        wanted = engine.ids(query("flow_runs", given))
        assert engine.ids(query("flow_runs", opened), p=value) == wanted


LENGTHS = [
    "end_time in last $p",
    "start_time in next $p",
    "not end_time in last $p",
    "end_time > now - $p or end_time > now + $p",
    "end_time in today - $p",
    "not end_time in [today + $p, today - $p, 2026-04-01]",
    "end_time < today - $p or end_time > today + $p",
    "end_time <= today - $p or end_time >= today + $p",
    "end_time in today - $p..now",
    "any task (end_time between now - $p and today)",
]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Pacific/Auckland"])
@pytest.mark.parametrize("days", [0, 1, 16, 400])
@pytest.mark.parametrize("text", LENGTHS)
def test_a_bound_length_is_counted_from_the_querys_moment(
    engine: Engine, text: str, days: int, zone: str
) -> None:
    # Between the 30th of March and the day of the moment clocks change in both zones.
    written = flowql.parse(
        f"flow_runs where {text}".replace("$p", f"{days}d"), now=NOON, timezone=zone
    ).grounded()
    opened = flowql.parse(f"flow_runs where {text}", now=NOON, timezone=zone)
    length = timedelta(days)
    sql = opened.to_sql(engine.dialect, "bind")
    # A day that is written twice stands in the list once.
    assert set(sql.bind(p=length)) == set(to_sql(written, engine.dialect, "bind").params)
    assert engine.ids(opened.grounded(), p=length) == engine.ids(written)


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("end_time in last $p", -timedelta(1), "wrong-parameter"),
        ("end_time in next $p", -timedelta(1), "wrong-parameter"),
        ("end_time in last $p", "7d", "wrong-parameter"),
        ("end_time in last $p", None, "wrong-parameter"),
        ("end_time in last $p", NOON, "wrong-parameter"),
        ("end_time in today - $p", timedelta(hours=36), "wrong-parameter"),
        ("end_time in today - $p", -timedelta(1), "wrong-parameter"),
        ("end_time in today + $p", timedelta.max, "wrong-parameter"),
        ("end_time in today + $p", timedelta(999_999_999), "out-of-range"),
        ("end_time in today + $p", timedelta(3_652_058), "out-of-range"),
        ("end_time > now + $p", timedelta.max, "out-of-range"),
        ("end_time in last $p", timedelta(999_999), "out-of-range"),
    ],
)
def test_a_length_that_does_not_fit(engine: Engine, text: str, value: Any, code: str) -> None:
    opened = flowql.parse(f"flow_runs where {text}", now=NOON).to_sql(engine.dialect, "bind")
    with pytest.raises(FlowQLError) as caught:
        opened.bind(p=value)
    assert [problem.code for problem in caught.value.diagnostics] == [code]
    [place] = {problem.span for problem in caught.value.diagnostics}
    assert place == (len(f"flow_runs where {text}") - 2, len(f"flow_runs where {text}"))


@pytest.mark.parametrize("operator", ["has all", "has any", "within"])
@pytest.mark.parametrize("value", [[], ["etl"], ["etl", "nightly"], ["back\\slash", "café"]])
def test_a_bound_list_of_tags(engine: Engine, operator: Any, value: list[str]) -> None:
    own = column("flow_runs", "tags")
    parameter = typed.Parameter("p", Type.TAGS, True)
    opened = query("flow_runs", typed.TagsMatch(own, operator, (parameter,)))
    given = query("flow_runs", typed.TagsMatch(own, operator, tuple(value)))
    assert engine.ids(opened, p=value) == engine.ids(given)


@pytest.mark.parametrize("operator", ["has all", "has any", "within"])
def test_a_bound_tag_among_others(engine: Engine, operator: Any) -> None:
    own = column("flow_runs", "tags")
    parameter = typed.Parameter("p", Type.TAGS)
    opened = query("flow_runs", typed.TagsMatch(own, operator, ("etl", parameter)))
    given = query("flow_runs", typed.TagsMatch(own, operator, ("etl", "nightly")))
    assert engine.ids(opened, p="nightly") == engine.ids(given) != []


@pytest.mark.parametrize("value", ["", "%", "_", "OTTER", "\\", "a_b", "it's"])
@pytest.mark.parametrize("operator", ["contains", "starts with", "ends with"])
def test_a_bound_text(engine: Engine, operator: Any, value: str) -> None:
    own = column("flow_runs", "name")
    opened = typed.TextMatch(own, operator, typed.Parameter("p", Type.TEXT))
    given = typed.TextMatch(own, operator, value)
    assert engine.ids(query("flow_runs", opened), p=value) == engine.ids(query("flow_runs", given))


def test_a_bound_comparison_with_json(engine: Engine) -> None:
    own = column("flow_runs", "parameters", "x")
    for value in (0.5, 1, 9007199254740993, -3):
        opened = typed.Compare(own, ">=", typed.Parameter("p", Type.JSON))
        given = typed.Compare(own, ">=", value)
        wanted = engine.ids(query("flow_runs", given))
        assert engine.ids(query("flow_runs", opened), p=value) == wanted


def test_bound_pages(engine: Engine) -> None:
    size, page = typed.Parameter("size", Type.INTEGER), typed.Parameter("page", Type.INTEGER)
    every = engine.ids(query("task_runs"))
    assert engine.ids(query("task_runs", limit=size, page=page), size=7, page=3) == every[14:21]
    assert engine.ids(query("task_runs", limit=size, offset=page), size=7, page=3) == every[3:10]
    assert engine.ids(query("task_runs", page=page), page=2) == every[200:]
    assert engine.ids(query("task_runs", limit=200, page=page), page=300) == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        (typed.Parameter("p", Type.TEXT), None),
        (typed.Parameter("p", Type.TEXT), 1),
        (typed.Parameter("p", Type.UUID), "x"),
        (typed.Parameter("p", Type.INTEGER), "1"),
        (typed.Parameter("p", Type.INTEGER), True),
        (typed.Parameter("p", Type.INTEGER), 2**63),
        (typed.Parameter("p", Type.INTEGER), float("nan")),
        (typed.Parameter("p", Type.INTEGER), float("inf")),
        (typed.Parameter("p", Type.TIME), datetime(2026, 1, 1)),
        (typed.Parameter("p", Type.TIME), "2026-01-01"),
        (typed.Parameter("p", Type.DURATION), 5),
        (typed.Parameter("p", Type.BOOLEAN), 1),
        (typed.Parameter("p", Type.TEXT, many=True), "etl"),
        (typed.Parameter("p", Type.TEXT, many=True), ["etl", None]),
    ],
)
def test_a_value_of_another_type_is_refused(
    engine: Engine, parameter: typed.Parameter, value: Any
) -> None:
    fields = {
        Type.TEXT: "name",
        Type.UUID: "id",
        Type.INTEGER: "run_count",
        Type.TIME: "end_time",
        Type.DURATION: "duration",
        Type.BOOLEAN: "auto_scheduled",
    }
    condition = typed.In(column("flow_runs", fields[parameter.type]), (parameter,))
    sql = to_sql(query("flow_runs", condition), engine.dialect, "bind")
    with pytest.raises(FlowQLError) as caught:
        sql.bind(p=value)
    assert [problem.code for problem in caught.value.diagnostics] == ["wrong-parameter"]


@pytest.mark.parametrize(
    ("condition", "value", "code"),
    [
        (typed.In(column("flow_runs", "state"), (MISSING,)), "Late", "unknown-choice"),
        (typed.In(column("flow_runs", "name"), (MISSING,)), "a\0b", "unsafe-character"),
        (
            typed.TextMatch(column("flow_runs", "name"), "like", MISSING),
            "a\\",
            "backslash-in-pattern",
        ),
        (typed.Compare(column("flow_runs", "parameters", "x"), "<", MISSING), "1", None),
        (
            typed.In(column("flow_runs", "parameters", "x"), (1, MISSING)),
            True,
            None,
        ),
    ],
)
def test_a_value_that_cannot_stand_there_is_refused(
    engine: Engine, condition: typed.Predicate, value: Any, code: str | None
) -> None:
    if code is None:  # of a JSON key
        parameter = typed.Parameter("missing", Type.JSON)
        match condition:
            case typed.Compare(own, operator, _):
                condition = typed.Compare(own, operator, parameter)
            case typed.In(own, (first, *_)):
                condition = typed.In(own, (first, parameter))
            case _:
                raise AssertionError(condition)
        code = "wrong-parameter"
    sql = to_sql(query("flow_runs", condition), engine.dialect, "bind")
    with pytest.raises(FlowQLError) as caught:
        sql.bind(missing=value)
    assert [problem.code for problem in caught.value.diagnostics] == [code]


def test_a_bad_page_is_refused(engine: Engine) -> None:
    page = typed.Parameter("page", Type.INTEGER)
    sql = to_sql(query("flows", page=page), engine.dialect, "bind")
    for value in (0, -1, 1.5, 2**40):
        with pytest.raises(FlowQLError) as caught:
            sql.bind(page=value)
        assert [problem.code for problem in caught.value.diagnostics] == ["wrong-parameter"]


def test_a_regular_expression_is_read_when_it_is_bound(engine: Engine) -> None:
    if engine.dialect == "sqlite":
        return
    opened = typed.TextMatch(column("flow_runs", "name"), "matches", MISSING)
    given = typed.TextMatch(column("flow_runs", "name"), "matches", r"^\w+-\w+$")
    wanted = engine.ids(query("flow_runs", given))
    assert engine.ids(query("flow_runs", opened), missing=r"^\w+-\w+$") == wanted != []
    sql = to_sql(query("flow_runs", opened), engine.dialect, "bind")
    with pytest.raises(FlowQLError) as caught:
        sql.bind(missing="(?=a)")
    assert [problem.code for problem in caught.value.diagnostics] == ["bad-regex"]

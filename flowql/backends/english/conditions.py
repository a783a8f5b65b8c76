"""Conditions on one row: affirmed, and denied with what becomes of missing values."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from flowql import typed
from flowql.backends.english.phrases import Phrase, Subject, listed, many, one, plain
from flowql.backends.english.values import (
    end_words,
    is_period,
    length_words,
    start_words,
    value_words,
    within_words,
)
from flowql.catalog import Field, Type, entities

_NOUNS = {
    "created_by": "creator",
    "created_by.id": "creator id",
    "created_by.type": "creator type",
    "created_by.display_value": "creator name",
    "created": "creation time",
    "updated": "time of last change",
    "parameters": "parameter",
    "labels": "label",
    "job_variables": "job variable",
    "context": "context value",
    "duration": "duration from start to end",
}
_ADJECTIVES = {"paused": "paused", "auto_scheduled": "scheduled automatically"}
_OPPOSITE: dict[typed.Ordering, typed.Ordering] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


def noun_of(column: typed.Column, *, compared: bool = False) -> str:
    """What a column is called; `compared` as comparisons and sorts see it."""
    field = column.field
    noun = _NOUNS.get(field.name, field.name.replace("_", " ").replace(".", " "))
    if column.keys:
        return f"{noun} “{'.'.join(column.keys)}”"
    if field.type is Type.JSON and field.name in _NOUNS and not field.only_null:
        noun = many(noun)
    if compared and field.coalesce is not None:
        return f"{noun} (or, where there is none yet, {field.coalesce.replace('_', ' ')})"
    return noun


def affirmed(node: typed.Own, subject: Subject) -> Phrase:
    """The phrase of a condition that is to be true."""
    match node:
        case typed.Always(value):
            return _constant(value)
        case typed.In(_, ()):
            return _constant(False)
        case typed.In(column, (bool(value),)) if column.field.type is Type.BOOLEAN:
            return _boolean(column, value, subject)
        case typed.In():
            return _tested(node.column, _membership(node), subject)
        case typed.Compare():
            return _tested(node.column, _comparison(node), subject)
        case typed.TextMatch():
            verb = _text_verb(node.operator, plural=_is_element(node.column) and subject.plural)
            return _tested(node.column, f"{verb} {_text_value(node)}", subject, verb=True)
        case typed.TagsMatch():
            return plain(_tags(node, subject))
        case typed.IsNull(column):
            return plain(f"that {subject.have} no {noun_of(column)}")
        case _:
            assert_never(node)


def denied(node: typed.Own, subject: Subject) -> Phrase:
    """The phrase of a condition that is to be false; what is unknown is neither."""
    match node:
        case typed.Always(value):
            return _constant(not value)
        case typed.In(_, ()):
            return _constant(True)
        case typed.In(column, (bool(value),)) if column.field.type is Type.BOOLEAN:
            return _boolean(column, not value, subject)
        case typed.In(column, values) if column.field.type is Type.JSON:
            return _other(column, f"{_json_kind(values)}{_no_membership(node)}", subject)
        case typed.In():
            return _other(node.column, _no_membership(node), subject)
        case typed.Compare(column, operator, value):
            return affirmed(typed.Compare(column, _OPPOSITE[operator], value), subject)
        case typed.TextMatch():
            verb = _text_verb(node.operator, plural=True)
            do = subject.do if _is_element(node.column) else "does"
            negated = f"{do} not {verb} {_text_value(node)}"
            if node.column.field.type is Type.JSON:
                negated = f"is a text and {negated}"
            return _other(node.column, negated, subject, verb=True)
        case typed.TagsMatch():
            return plain(_no_tags(node, subject))
        case typed.IsNull(column):
            return plain(f"that {subject.have} {one(noun_of(column))}")
        case _:
            assert_never(node)


def _constant(value: bool) -> Phrase:
    return plain("of any kind" if value else "of a kind that does not exist")


def _boolean(column: typed.Column, value: bool, subject: Subject) -> Phrase:
    if adjective := _ADJECTIVES.get(column.field.name):
        return plain(f"that {subject.are} {adjective if value else f'not {adjective}'}")
    return plain(f"whose {noun_of(column)} is {'true' if value else 'false'}")


def _tested(column: typed.Column, test: str, subject: Subject, *, verb: bool = False) -> Phrase:
    if _is_element(column):
        return plain(f"that {test if verb else f'{subject.are} {test}'}")
    if column.field.coalesce is not None and column.field.name == "start_time":
        return plain(f"that started or, if not yet, {subject.are} expected to start {test}")
    noun = noun_of(column, compared=True)
    return plain(f"whose {noun} {test if verb else f'is {test}'}")


def _other(column: typed.Column, test: str, subject: Subject, *, verb: bool = False) -> Phrase:
    if _is_element(column) or not _may_be_missing(column.field):
        return _tested(column, test, subject, verb=verb)
    # Having one is said aloud, for a row without one is not selected.
    noun = noun_of(column, compared=True)
    return plain(f"that {subject.have} {one(noun)} that {test if verb else f'is {test}'}")


def _is_element(column: typed.Column) -> bool:
    return column.field is entities()["tag"].fields[0]


def _may_be_missing(field: Field) -> bool:
    return field.nullable or field.type is Type.JSON


def _json_kind(values: tuple[typed.Value, ...]) -> str:
    """What a JSON value must be to be another one; of another type it is neither."""
    match values[0]:
        case bool():
            return "true or false but "
        case int() | float() | typed.Range():
            return "a number but "
        case str():
            return "a text but "
        case _:
            return ""


# ── tests ─────────────────────────────────────────────────────────────────────


def _membership(node: typed.In) -> str:
    """What follows `is` where the value is one of these."""
    words = [_value(value, node.column) for value in node.values]
    return (
        listed(words, "or") if len(words) < 4 or _has_periods(node) else f"one of {listed(words)}"
    )


def _no_membership(node: typed.In) -> str:
    """What follows `is` where the value is none of these."""
    words = [_value(value, node.column) for value in node.values]
    match words:
        case [word]:
            return f"not {word}"
        case [first, second]:
            return f"neither {first} nor {second}"
        case _:
            return (
                f"not {listed(words, 'or')}" if _has_periods(node) else f"none of {listed(words)}"
            )


def _has_periods(node: typed.In) -> bool:
    stretches = (typed.Last, typed.Next, typed.Range)
    return any(isinstance(value, stretches) or is_period(value) for value in node.values)


def _value(value: typed.Value, column: typed.Column) -> str:
    match value:
        case typed.Range(low, high):
            return _range(low, high)
        case typed.Last(length):
            return f"within the last {length_words(length)}"
        case typed.Next(length):
            return f"within the next {length_words(length)}"
        case typed.Calendar() | typed.Rolling():
            return within_words(value)
        case typed.Offset("today"):
            return f"on {value_words(value)}"
        case str() if column.field.type is Type.ENUM:
            return value
        case bool() | int() | float() if column.field.type is Type.JSON:
            kind = "" if isinstance(value, bool) else "the number "
            return f"{kind}{value_words(value)}"
        case str() if column.field.type is Type.JSON:
            return f"the text {value_words(value)}" if value else value_words(value)
        case int() | float() if column.field.words:
            named = (word for word, number in column.field.words.items() if number == value)
            return next(named, value_words(value))
        case datetime() if column.field.coalesce is not None:
            return f"at {value_words(value)}"
        case _:
            return value_words(value)


def _range(low: typed.Point | None, high: typed.Point | None) -> str:
    if low is None:
        assert high is not None
        return f"up to {end_words(high)}"
    if high is None:
        return f"from {start_words(low)} on"
    return f"from {start_words(low)} to {end_words(high)} (both included)"


_TIMES: dict[typed.Ordering, str] = {
    "<": "earlier than",
    "<=": "no later than",
    ">": "later than",
    ">=": "no earlier than",
}
_NUMBERS: dict[typed.Ordering, str] = {
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}


def _comparison(node: typed.Compare) -> str:
    if node.column.field.type is not Type.TIME:
        return f"{_NUMBERS[node.operator]} {value_words(node.value)}"
    if node.operator in ("<", ">="):
        return f"{_TIMES[node.operator]} {start_words(node.value)}"
    return f"{_TIMES[node.operator]} {end_words(node.value)}"


_VERBS: dict[typed.TextOperator, tuple[str, str]] = {
    "contains": ("contains", "contain"),
    "starts with": ("starts with", "start with"),
    "ends with": ("ends with", "end with"),
    "like": ("has the form", "have the form"),
    "matches": ("matches", "match"),
}


def _text_verb(operator: typed.TextOperator, *, plural: bool) -> str:
    return _VERBS[operator][plural]


def _text_value(node: typed.TextMatch) -> str:
    value = value_words(node.value)
    match node.operator:
        case "contains" | "starts with" | "ends with":
            return f"{value} (ignoring case)"
        case "like":
            return f"{value} (ignoring case; % is any text, _ any one character)"
        case "matches":
            return f"the regular expression {value}"
        case _:
            assert_never(node.operator)


# ── tags ──────────────────────────────────────────────────────────────────────


def _tags(node: typed.TagsMatch, subject: Subject) -> str:
    """What is true of tags; a row without tags has an empty set of them."""
    tags = _tag_list(node) if node.values else ""
    match node.operator:
        case "has all":
            if not node.values:
                return _constant(True).open
            return f"that {subject.have} {tags}"
        case "has any":
            if not node.values:
                return _constant(False).open
            return (
                f"that {subject.have} at least one of {tags}"
                if _several(node)
                else (f"that {subject.have} {tags}")
            )
        case "within":
            if not node.values:
                return f"that {subject.have} no tags"
            return f"that {subject.have} no tag other than {_other_tags(node)}"
        case _:
            assert_never(node.operator)


def _no_tags(node: typed.TagsMatch, subject: Subject) -> str:
    tags = _tag_list(node) if node.values else ""
    match node.operator:
        case "has all":
            if not node.values:
                return _constant(False).open
            if _several(node):
                return f"that lack{'' if subject.plural else 's'} at least one of {tags}"
            return f"that {subject.do} not have {tags}"
        case "has any":
            if not node.values:
                return _constant(True).open
            return (
                f"that {subject.have} none of {tags}"
                if _several(node)
                else (f"that {subject.do} not have {tags}")
            )
        case "within":
            if not node.values:
                return f"that {subject.have} tags"
            return f"that {subject.have} a tag other than {_other_tags(node)}"
        case _:
            assert_never(node.operator)


def _several(node: typed.TagsMatch) -> bool:
    first = node.values[0]
    return len(node.values) > 1 or (isinstance(first, typed.Parameter) and first.many)


def _tag_list(node: typed.TagsMatch) -> str:
    if _several(node):
        return f"the tags {_other_tags(node)}"
    return f"the tag {_other_tags(node)}"


def _other_tags(node: typed.TagsMatch) -> str:
    if isinstance(node.values[0], typed.Parameter) and node.values[0].many:
        return f"in ${node.values[0].name}"
    return listed([value_words(value) for value in node.values])

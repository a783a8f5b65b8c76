"""Regular expressions: hand-stated matches, refusals; Python, DuckDB and PostgreSQL as judges.

Random patterns are written twice, in FlowQL's language and in Python's, so that Python's `re` can
tell what they should match without FlowQL reading them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowql.regex import MAX_DEPTH, MAX_REPEAT, Regex, RegexProblem, parse
from tests.effort import lines

if TYPE_CHECKING:
    import duckdb

# A pattern, texts it matches, texts it does not.
MATCHES: list[tuple[str, list[str], list[str]]] = [
    ("", ["", "a", "\n"], []),
    ("b", ["b", "abc", "a\nb"], ["", "B", "a"]),
    ("a.c", ["abc", "aéc", "a😀c", "a\rc", "a\u2028c"], ["ac", "a\nc"]),
    (r"a\.c", ["a.c"], ["abc"]),
    ("^a$", ["a"], ["a\n", "\na", "ba", "ab", "b\na"]),
    (r"\Aa\z", ["a"], ["a\n", "ba"]),
    ("a^b|a$b", [], ["ab", "a\nb"]),
    ("a||b", ["", "z"], []),
    ("^(?:a|)$", ["", "a"], ["b", "aa"]),
    ("^()a{0}$", [""], ["a"]),
    ("(?:)ab(|)", ["ab", "cabc"], ["acb"]),
    ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
    ("^(?:ab){2}$", ["abab"], ["abb", "ab"]),
    ("^a{2,}?$", ["aa", "aaaaa"], ["a"]),
    ("^a{300}$", ["a" * 300], ["a" * 299, "a" * 301]),
    ("^a{254,256}$", ["a" * 254, "a" * 256], ["a" * 253, "a" * 257]),
    ("^a{256,}$", ["a" * 256, "a" * 700], ["a" * 255]),
    ("^(?:a?){3}$", ["", "aaa"], ["aaaa"]),
    ("^(?:a|b)*?c+?$", ["c", "abbacc"], ["", "ab"]),
    ("^(?P<x>a)(?<y>b)(c)$", ["abc"], ["ab"]),
    ("^[a-c]$", ["a", "b", "c"], ["d", "B", "-"]),
    ("^[^a-c]$", ["d", "é", "\n", "😀"], ["a", ""]),
    ("^[]a]$", ["]", "a"], ["[]"]),
    ("^[^]a]$", ["["], ["]", "a"]),
    (r"^[\]\-\\^a]$", ["]", "-", "\\", "^", "a"], ["b", "\\-"]),
    ("^[a-]$|^[-b]$|^[+--]$", ["a", "-", "b", ","], ["c", "."]),
    ("^[a-c-e]$", ["-", "e", "b"], ["d"]),
    ("^[[a.=]$", ["[", "a", ".", "="], ["b"]),
    (r"^[\d_]$", ["0", "_"], ["a", "٣"]),
    (r"^[^\D7]$", ["0"], ["7", "a"]),
    (r"^\d\D$", ["1x", "1٣"], ["٣x", "11"]),
    (r"^\w\W$", ["aé", "_-"], ["éa", "ab"]),
    (r"^\s\S$", [" \v", "\t\u00a0", "\na"], ["\va", "\u00a0a", "  "]),
    (r"^[\s\S]{2}$", ["\n\n", "😀\r"], ["a"]),
    (r"^\t\n\r\f\v$", ["\t\n\r\f\v"], ["tnrfv"]),
    (r"^\x41\x{42}\x{0001F600}$", ["AB😀"], ["AB"]),
    (r"^[à-ÿ\x{1F600}-\x{1F64F}]+$", ["éü😃"], ["e", "😀a"]),
    (r"^[^\x{0}-\x{FFFF}]$", ["😀"], ["a", "\uffff"]),
    (r"^\x{10FFFF}$", ["\U0010ffff"], ["\U0010fffe"]),
    (r"^}\{\}]\]-\_\ \"\'\%\#\&\~\<\/$", ["}{}]]-_ \"'%#&~</"], ["x"]),
    (r"\bé|é\b", ["aé", "éa"], ["é", "-é-"]),
    (r"\bcat\b", ["cat", "a cat.", "cat\n", "écaté"], ["cats", "_cat", "concat"]),
    (r"^(?:\bab\b ?)+$", ["ab", "ab ab "], ["abab"]),
    (r"\B", ["", "ab", "é", "a--a"], ["a", "aéa", "a😀a"]),
    (r"\Bb", ["ab"], ["b", "-b", "éb"]),
    (r"\bx*\B", ["xx-"], ["", "a", "x", "x-x"]),
    ("%_", ["a%_b"], ["ab", "a%b"]),
    ("^%.*_$", ["%_", "%a_"], ["a_", "%\n_"]),
    (r"^a[\s\S]*b$", ["ab", "a\nb"], ["ac"]),
    (r"^[\s\S]a$", ["éa", "😀a", "\na"], ["e\u0301a", "a"]),
    ("'\\$;--", ["'$;--"], ["'"]),
    (r"^\*\*\*:a", ["***:a"], [":a"]),
    ("ſ|\u212a|İ", ["ſ", "\u212a", "İ"], ["s", "S", "k", "K", "i"]),
]

# A pattern, where its problem stands, what the message says.
REFUSED: list[tuple[str, int, str]] = [
    ("a(b", 1, "`(` is not closed"),
    ("ab)", 2, "`)` closes no group"),
    ("a[b", 1, "`[` is not closed"),
    ("[]", 0, "`[` is not closed"),
    (r"[^\s\S]", 0, "no character"),
    ("a|*", 2, "nothing stands before `*`"),
    ("***:a", 0, "nothing stands before `*`"),
    ("(+)", 1, "nothing stands before `+`"),
    ("a{,3}", 1, "`\\{`"),
    ("a{b}", 1, "`\\{`"),
    ("a{3,2}", 1, "`{3,2}` counts down"),
    (f"a{{{MAX_REPEAT + 1}}}", 1, "1,000"),
    ("a{" + "9" * 5_000 + "}", 1, "1,000"),
    ("a**", 2, "doubled"),
    ("a++", 2, "possessive"),
    ("a{2}{3}", 4, "doubled"),
    ("a*??", 3, "doubled"),
    ("^*", 1, "takes no character"),
    (r"(?:\b|$)+", 8, "takes no character"),
    ("(?=a)", 0, "lookaround, `(?=`"),
    ("a(?<!b)", 1, "lookaround, `(?<!`"),
    ("(?i)a", 0, "an inline flag"),
    ("(?s:a)", 0, "an inline flag"),
    ("(?P<é>a)", 0, "`(?`"),
    ("(?>a)", 0, "an atomic group"),
    ("(?P<x>a)(?P=x)", 8, "a backreference"),
    ("(?#a)", 0, "a comment"),
    (r"(a)\1", 3, "a backreference"),
    (r"\012", 0, "an octal escape"),
    (r"a\Z", 1, r"`\z`"),
    (r"\pL", 0, "a Unicode class"),
    (r"\Qa\E", 0, r"`\Q`"),
    (r"\é", 0, r"`\é`"),
    (r"[\b]", 1, r"`\b`"),
    (r"\x4", 0, "two hexadecimal digits"),
    (r"\x{}", 0, "two hexadecimal digits"),
    (r"a\x{D800}", 1, "U+D800 is not a character"),
    (r"\x{110000}", 0, "U+110000 is not a character"),
    ("a\ud800", 1, "U+D800 is not a character"),
    ("a\\", 1, "a backslash ends the pattern"),
    ("[[:alpha:]]", 1, "a POSIX class"),
    ("[az-a]", 2, "`z-a`"),
    (r"[\d-z]", 1, r"`\d-z`"),
    (r"[a-\d]", 1, r"`a-\d`"),
    ("(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH + 1), MAX_DEPTH, "deep"),
    ("(?:a{50}){50}", 0, "more than 1,000"),
    ("(?:a*){1000}", 0, "more than 1,000"),
    ("(?:[ab]?){480}", 0, "may follow one another"),
    (r"(?:\b|a)*", 0, "may follow one another"),
]


@pytest.fixture(scope="module")
def duck() -> Iterator[duckdb.DuckDBPyConnection]:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE texts (i INTEGER, x VARCHAR)")
        yield connection


@pytest.fixture(scope="module")
def elephant(postgres: str) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(postgres, autocommit=True) as connection:
        yield connection


Pairs = set[tuple[int, int]]


def in_memory(regexes: list[Regex], texts: list[str]) -> Pairs:
    """Which regex, by its number, matches which text, by its own."""
    cases = product(enumerate(regexes), enumerate(texts))
    return {(r, t) for (r, regex), (t, text) in cases if regex.search(text)}


def in_duckdb(duck: duckdb.DuckDBPyConnection, regexes: list[Regex], texts: list[str]) -> Pairs:
    """As constants in WHERE, since DuckDB makes LIKE or a range out of some of those."""
    duck.execute("DELETE FROM texts")
    duck.execute(
        "INSERT INTO texts SELECT unnest(range(len($x))), unnest($x::VARCHAR[])", {"x": texts}
    )
    patterns = [regex.spell_re2().replace("'", "''") for regex in regexes]
    selects = [
        f"SELECT {number}, i FROM texts WHERE regexp_matches(x, '{pattern}')"
        for number, pattern in enumerate(patterns)
    ]
    return set(duck.execute(" UNION ALL ".join(selects)).fetchall())


def in_postgres(connection: Any, regexes: list[Regex], texts: list[str]) -> Pairs:
    patterns = [regex.spell_postgres() for regex in regexes]
    rows = connection.execute(
        "SELECT r - 1, t - 1 FROM unnest(%s::text[]) WITH ORDINALITY AS p(p, r),"
        " unnest(%s::text[]) WITH ORDINALITY AS x(x, t) WHERE x ~ p",
        (patterns, texts),
    )
    return set(rows)


TEXTS = sorted({text for _, yes, no in MATCHES for text in yes + no})
STATED = [parse(pattern) for pattern, _, _ in MATCHES]


@pytest.mark.parametrize(("pattern", "yes", "no"), MATCHES)
def test_matches_as_stated(pattern: str, yes: list[str], no: list[str]) -> None:
    regex = parse(pattern)
    assert [text for text in yes if not regex.search(text)] == []
    assert [text for text in no if regex.search(text)] == []


def test_duckdb_matches_as_stated(duck: duckdb.DuckDBPyConnection) -> None:
    assert in_duckdb(duck, STATED, TEXTS) == in_memory(STATED, TEXTS)


def test_postgres_matches_as_stated(elephant: Any) -> None:
    assert in_postgres(elephant, STATED, TEXTS) == in_memory(STATED, TEXTS)


@pytest.mark.parametrize(("pattern", "position", "message"), REFUSED)
def test_refuses(pattern: str, position: int, message: str) -> None:
    with pytest.raises(RegexProblem) as caught:
        parse(pattern)
    assert message in caught.value.message
    assert caught.value.position == position


def test_equal_by_text() -> None:
    assert parse("a+") == parse("a+") != parse("aa*")
    assert len({parse("a+"), parse("a+"), parse("(a+)")}) == 2
    assert repr(parse("a+")) == "Regex(pattern='a+')"


@pytest.mark.parametrize(
    ("pattern", "part", "end"),
    [
        ("(a+)+$", "a", "b"),
        ("^(a|a)*$", "a", "b"),
        ("^(a?){40}a{40}$", "a", ""),
        (r"(\w+\s?)+;", "word ", ""),
        ("[ab]*a[ab]{12}c", "aabab", ""),
    ],
)
def test_work_is_linear(pattern: str, part: str, end: str) -> None:
    def search(count: int) -> None:
        assert not parse(pattern).search(part * count + end)

    small, large = lines(lambda: search(1_000)), lines(lambda: search(10_000))
    assert large < 15 * small


def test_memory_is_bounded() -> None:
    regex = parse("[ab]*a[ab]{60}c")
    noise = format(pow(3, 20_000), "b").translate({ord("0"): "a", ord("1"): "b"})
    assert not regex.search(noise)
    assert regex.search(noise[:5_000] + "a" + "b" * 60 + "c" + noise[5_000:])
    assert not regex.search(noise)


@pytest.mark.parametrize(
    ("pattern", "re2", "postgres"),
    [
        ("^a.b$", r"\Aa[^\n]b\z", r"^a[^\n]b$"),
        (r"(?P<x>a|[\s\S])*?\.", r"(?:a|(?s:.))*\.", r"(?:a|.)*\."),
        ("a{300,}b{2}", "a{300,}b{2}", "a{255}a{45,}b{2}"),
        (r"[^\W\d_]\x00é\x{85}", r"[A-Za-z]\x{0}é\x{85}", r"[A-Za-z]\U00000000é\U00000085"),
    ],
)
def test_spellings(pattern: str, re2: str, postgres: str) -> None:
    assert parse(pattern).spell_re2() == re2
    assert parse(pattern).spell_postgres() == postgres


# A pattern in FlowQL's language and in Python's. `\Z` is Python's end of the text, `(?!\b)` its
# `\B`, which in Python 3.13 and before is false of an empty text; its `\s` has `\v` as well.
Both = tuple[str, str]

_SPACE, _NOT_SPACE = r" \t\n\f\r", r"\x00-\x08\x0b\x0e-\x1f!-\U0010ffff"


def alike(*patterns: str) -> st.SearchStrategy[Both]:
    return st.sampled_from([(pattern, pattern) for pattern in patterns])


SINGLE = alike(
    "a", "b", "A", "1", "_", " ", "é", "😀", r"\.", r"\n", r"\x41", r"\^", r"\]", "}", "%"
) | (st.sampled_from([(r"\x{e9}", "é"), (r"\x{0001F600}", "😀"), ("-", r"\-")]))
PERL = alike(r"\d", r"\D", r"\w", r"\W")
MEMBER = st.one_of(
    SINGLE.filter(lambda both: both[0] != "-"),
    alike("a-c", "1-9", "à-ÿ", r"\x00-A", r"\n- ", "é-😀"),
    PERL | st.sampled_from([(r"\s", _SPACE), (r"\S", _NOT_SPACE)]),
)


def joined(parts: list[Both], separator: str = "") -> Both:
    return separator.join(ours for ours, _ in parts), separator.join(other for _, other in parts)


def wrapped(opening: Both, inner: Both, closing: str) -> Both:
    return f"{opening[0]}{inner[0]}{closing}", f"{opening[1]}{inner[1]}{closing}"


CLASS = st.builds(
    wrapped,
    st.sampled_from([("[", "["), ("[^", "[^"), ("[]", r"[\]"), ("[^-", r"[^\-")]),
    st.lists(MEMBER, min_size=1, max_size=3).map(joined),
    st.sampled_from(["]"]),
)
CHARS = st.one_of(
    SINGLE,
    PERL,
    CLASS,
    alike("."),
    st.sampled_from([(r"\s", f"[{_SPACE}]"), (r"\S", f"[{_NOT_SPACE}]")]),
)
ANCHOR = st.sampled_from(
    [("^", r"\A"), (r"\A", r"\A"), ("$", r"\Z"), (r"\z", r"\Z"), (r"\b", r"\b"), (r"\B", r"(?!\b)")]
)
QUANTIFIER = st.sampled_from("* + ? *? +? ?? {2} {0,2} {1,3} {2,} {2,}? {0}".split())


def composed(inner: st.SearchStrategy[Both]) -> st.SearchStrategy[Both]:
    sequence = st.lists(inner | ANCHOR, max_size=4).map(joined)
    choice = st.lists(sequence, min_size=1, max_size=3).map(lambda parts: joined(parts, "|"))
    openings = st.sampled_from([(o, "(?:") for o in ("(", "(?:", "(?P<n>", "(?<n>")])
    group = st.builds(wrapped, openings, choice, st.just(")"))
    repeated = st.builds(lambda both, q: (both[0] + q, both[1] + q), group | CHARS, QUANTIFIER)
    return group | repeated


PATTERN = st.lists(
    st.lists(st.recursive(CHARS, composed, max_leaves=8) | ANCHOR, max_size=5).map(joined),
    min_size=1,
    max_size=2,
).map(lambda parts: joined(parts, "|"))
TEXT = st.text("aab1_A é😀.\n\r\v^]-%", max_size=6) | st.text("ab1- ", max_size=6)


def accepted(both: Both) -> bool:
    """All but an empty class, a repeated anchor, and a word's edge crossed again and again."""
    try:
        parse(both[0])
    except RegexProblem as problem:
        reasons = ("leaves no character", "takes no character", "may follow")
        if any(reason in problem.message for reason in reasons):
            return False
        raise
    return True


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(PATTERN.filter(accepted), min_size=1, max_size=12),
    st.lists(TEXT, min_size=1, max_size=12, unique=True),
)
def test_judges_agree(
    duck: duckdb.DuckDBPyConnection, elephant: Any, patterns: list[Both], texts: list[str]
) -> None:
    regexes = [parse(ours) for ours, _ in patterns]
    wanted = {
        (r, t)
        for r, (_, other) in enumerate(patterns)
        for t, text in enumerate(texts)
        if re.search(other, text, re.ASCII)
    }
    assert in_memory(regexes, texts) == wanted
    assert in_duckdb(duck, regexes, texts) == wanted
    assert in_postgres(elephant, regexes, texts) == wanted


SCRAPS = st.sampled_from(
    r"a b é 😀 1 ( ) (?: (?P<n> [ ] [^ - ^ $ | * + ? . {2} {2,} { , } ] \ \. \d \W \s \b \A \z"
    r" \n \x41 \x{e9} \x [: (?i) \1 & ~ = /".split()
)


@settings(max_examples=400, deadline=None)
@given(st.lists(SCRAPS, max_size=8).map("".join))
def test_whatever_is_read_is_read_as_re2_reads_it(
    duck: duckdb.DuckDBPyConnection, pattern: str
) -> None:
    try:
        regex = parse(pattern)
    except RegexProblem:
        return
    # Not as a constant: DuckDB 2.0 answers `(?:)a` as if it were `^a` then.
    rows = duck.execute(
        "SELECT regexp_matches(x, p) FROM unnest($texts::VARCHAR[]) AS texts(x),"
        " unnest([$pattern]) AS patterns(p) ORDER BY x",
        {"pattern": pattern, "texts": TEXTS},
    )
    assert [row[0] for row in rows.fetchall()] == [regex.search(text) for text in TEXTS]

"""Texts that have broken parsers, printers, drivers and databases elsewhere.

`HOSTILE` are ordinary values all the same: every back end gives them back equal or refuses them
with a problem. `REFUSED` no database keeps, so a query that holds one is refused.
"""

from __future__ import annotations

_QUOTES = (
    "'", "''", "'''", '"', '""', "`", "``", "'\"", "\"'", "it's", "it''s", 'say "hi"', "`tick`",
    "'quoted'", '"quoted"', "'; --", "' OR '1'='1", "' OR 1=1 --", '" OR ""="', "') OR ('1'='1",
    "'; DROP TABLE flow; --", "Robert'); DROP TABLE students;--", "1; SELECT pg_sleep(10)",
    "' UNION SELECT NULL --", "admin'/*", "'||'", "'+'", "' AND SLEEP(5) AND '", "x' AND 'x'='x",
    "“curly”", "‘single’", "„low‟", "«guillemets»", "′prime″", "＇fullwidth＂", "\u02bc", "\u2019",
)  # fmt: skip

_BACKSLASHES = (
    "\\", "\\\\", "\\\\\\", "a\\", "\\a", "\\'", "\\\"", "'\\", "\\\\'", "C:\\temp\\new", "\\n",
    "\\t", "\\0", "\\x00", "\\u0000", "\\u0027", "\\u0027; --", "\\U0001F680", "\\%", "\\_", "%\\",
    "\\N{DIGIT ONE}", "\\101", "\\ ", "ends with \\", "E'\\''", "\\//", "/\\", "\\b", "\\z",
)  # fmt: skip

_PATTERNS = (
    "%", "_", "%%", "__", "%_", "_%", "100%", "50%_off", "a_b", "a%b", "%a%", "_a_", "%s", "%d",
    "%(name)s", "%%s", "%1$s", "%n", "%x", "%25", "%27", "*", "?", "*.csv", "a*b", "[a-z]", "[!a]",
    "[^a]", "[", "]", "[]", "a[b", "{a,b}", "^a$", ".*", ".+", "(a|b)", "a|b", "(?i)a", "\\d+", "+",
    "$", "^", "(", ")", "{", "}", "{{", "}}", "{0}", "{}", "{name}", "$1", "\\1", "~", "!~", "~*",
)  # fmt: skip

_PLACES = (
    ":x", ":1", "::text", "a:b", ":name", "@p1", "@@version", "?", "??", "?1", "$1", "$$", "$$a$$",
    "$tag$", "$x", "${x}", "${env:HOME}", "${jndi:ldap://localhost/a}", "#{x}", "{{x}}", "{% x %}",
    "<%= x %>", "$(id)", "`id`", "|id", "&& id", "; id", "&", "&&", "||", "|", ">", "<", "<=", "=",
    "==", "!=", "<>", "%{x}", "@", "#", "# comment", "#comment", "#!", "##", "!", "..", "a..b",
)  # fmt: skip

_COMMENTS = (
    "--", "-- comment", "--comment", "a -- b", "/*", "*/", "/* comment */", "/*+ hint */", "/*! x",
    "*/ OR 1=1 /*", "//", "// comment", "a/b", "a//b", "<!-- x -->", "]]>", "<![CDATA[", "rem x",
    ";", ";;", "; ", "a;b", "\\g", "\\q", ".quit", "GO", "\nGO\n", "\n--\n", "a\n-- b\nc", "a /* b",
)  # fmt: skip

_SPACE = (
    "", " ", "  ", "   ", " a", "a ", " a ", "a b", "a  b", "\t", "a\tb", "\n", "a\nb", "\r",
    "\r\n", "a\r\nb", "\f", "\v", "\u00a0", "a\u00a0b", "\u2003", "\u3000", "\u2028", "\u2029",
    "\u0085", "\u200b", "a\u200bb", "\ufeff", "\ufeffa", "\u2060", "\u180e", "\u00ad", "\u3164",
)  # fmt: skip

_CONTROL = (
    "\x01", "\x02", "\x07", "\x08", "\x0e", "\x1a", "\x1b", "\x1b[31mred", "\x1b]0;title\x07",
    "\x1f", "\x7f", "\x80", "\x85", "\x9b", "\x9f", "a\x01b", "\x1c\x1d\x1e", "^C", "^@", "\x04",
)  # fmt: skip

_LETTERS = (
    "é", "É", "e\u0301", "E\u0301", "ñ", "n\u0303", "ü", "Ü", "ß", "ẞ", "ss", "SS", "Straße",
    "STRASSE", "æ", "œ", "ﬁ", "ﬀ", "ı", "ﬃ", "Å", "A\u030a", "ø", "þ", "ð", "ł", "Ł", "č",
    "α", "Α", "ω", "Ω", "σ", "Σ", "λόγος", "ж", "Ж", "привет", "ПРИВЕТ", "שלום", "مرحبا", "नमस्ते",
    "ไทย", "한국어", "한국어", "日本語", "カタカナ", "ｶﾀｶﾅ", "ＦＵＬＬ", "𝔘𝔫𝔦", "𝕏", "𐐷", "𐐏",
    "ǅ", "ǆ", "ᾳ", "ŉ", "ΐ", "և", "Ꭰ", "Ⅷ", "ⅷ", "Ⓐ", "ⓐ", "①", "½", "٣", "३", "๓", "m²",
)  # fmt: skip

_MARKS = (
    "\u0301", "a\u0301\u0302\u0303\u0304", "Z\u0351\u036b\u0343A\u0334\u0335L\u0320GO\u0328\u0328",
    "\u20dd", "e\u20dd",
    "\u202e", "a\u202eb", "\u202dabc\u202c", "\u2066a\u2069", "\u2067", "\u061c", "\u200e",
    "\u200f", "\u200d", "\u200c", "a\u200db", "\ufe0f", "❤\ufe0f", "\U000e0001", "\U000e0061",
    "\U000e0100", "\u034f", "\u115f", "\u17b4", "\ufff9", "\ufffa", "\ufffb", "\ufffc", "\ufffd",
)  # fmt: skip

_EMOJI = (
    "🚀", "🚀🚀", "a🚀b", "👩\u200d🔬", "👨\u200d👩\u200d👧\u200d👦", "👍🏽", "🇩🇪",
    "🏴\U000e0067\U000e007f",
    "1\ufe0f\u20e3", "🤷🏾\u200d♀\ufe0f", "🏳\ufe0f\u200d🌈", "💩", "🀄",
    "🃏", "😀😃😄", "☃", "♥", "♾",
)  # fmt: skip

_EDGES = (
    "\ud7ff", "\ue000", "\uf8ff", "\ufdd0", "\ufffe", "\uffff", "\U00010000", "\U0001fffe",
    "\U0001ffff", "\U000f0000", "\U0010fffd", "\U0010fffe", "\U0010ffff", "a\uffffb", "\ufdef",
    "\u07ff", "\u0800", "\u0080", "\u00ff", "\u0100",
)  # fmt: skip

_WORDS = (
    "null", "NULL", "Null", "none", "None", "nil", "undefined", "true", "True", "TRUE", "false",
    "nan", "NaN", "inf", "-inf", "Infinity", "0", "1", "-1", "+1", "00", "01", "1.0", "1.10", "1e5",
    "0x10", "1_000", "1,000", "9223372036854775807", "9223372036854775808", "1e999", "-0", ".5",
    "and", "or", "not", "in", "is", "where", "sort", "limit", "page", "any", "no", "every", "count",
    "latest", "has", "all", "like", "between", "select", "SELECT", "FROM", "WHERE", "TABLE", "user",
    "order", "group", "by", "asc", "desc", "nulls", "first", "last", "exists", "default", "primary",
    "now", "today", "yesterday", "this week", "last 7d", "next month", "2026", "2026-11",
    "2026-11-01", "2026-11-01T00:00:00Z", "infinity", "epoch", "7d", "1h30m", "flow", "flow_run",
    "rowid", "oid", "ctid", "current_user", "CURRENT_TIMESTAMP", "DATE '2026-11-01'", "x'00'",
    "__SQLGLOT__LB__", "__SQLGLOT__", "__class__", "__proto__", "constructor", "toString", "self",
    "array[1]", "{1,2}", "(1,2)", "ROW(1)", "[etl]", "[1,2]", "etl,nightly", "a,b", ",", "a=b",
)  # fmt: skip

_JSON = (
    '{"a": 1}', '["a"]', '[]', '{}', '"a"', '\\"a\\"', '{"$ne": null}', '{"a": "b"', "[null]",
    '["etl"]', '"etl"', '\\u00e9', '\\ud83d\\ude80', "a\\/b", "$.a", "$[0]", "a.b", "a.b.c", ".a",
    "a.", "$", "#>", "->>", "@>", "?|", "?&", "a->b", 'a"b', "a\\\"b", "key with space", "a:b",
    "prefect.flow.id", "team:data", "prod/us-east", "x.y", "é", "'key'", "[0]", "*", "**",
)  # fmt: skip

_LONG = (
    "a" * 255, "a" * 256, "a" * 1000, "a" * 4096, "'" * 500, "\\" * 501, "%" * 300, "_" * 300,
    "é" * 500, "🚀" * 300, "a b " * 250, "(" * 300, ")" * 300, "[" * 300, "\n" * 300, '"' * 499,
    "a\u0301" * 300, "ab" * 2500,
)  # fmt: skip

HOSTILE: tuple[str, ...] = tuple(
    dict.fromkeys(
        _QUOTES + _BACKSLASHES + _PATTERNS + _PLACES + _COMMENTS + _SPACE + _CONTROL + _LETTERS
        + _MARKS + _EMOJI + _EDGES + _WORDS + _JSON + _LONG
    )
)  # fmt: skip

REFUSED: tuple[str, ...] = (
    "\0", "a\0", "\0a", "a\0b", "\0\0", "'\0'", "\ud800", "\udbff", "\udc00", "\udfff", "a\ud800",
    "\ud800a", "\udc00\ud800", "a\udfffb", "\ud83d", "\ude80", "\0\ud800", "🚀\ud83d",
)  # fmt: skip

"""Rows of block types, schemas and documents, which do have foreign keys between them.

A page with a name that is empty or has `/ % & < >` is answered with 500, and so is one with a
document whose data were encrypted with another key. Schemas are walked by the time of creation
alone, so no two have the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.oracle.data.values import NOW, TIMES, Draw, Row, ident, row

TYPE_NAMES = (
    "Secret", "JSON", "json", "Slack Webhook", "slack webhook", "S3 Bucket", "GitHub", "Github",
    "Local File System", "Remote-File-System", "a_b", "aXb", "back\\slash", "it's", 'say "hi"',
    "naïve café", "NAÏVE CAFÉ", "🚀", "日本語", " padded ", "null", "42", "line\nbreak", "Webhook",
    "GCP Credentials", "-- comment",
)  # fmt: skip
_SLUGS = {4: "slack_webhook", 10: "A-B", 11: "100%", 12: "", 13: "it's", 14: "type/é", 15: "Secret"}
_CAPABILITIES: tuple[list[str], ...] = (
    [],
    [],
    ["storage"],
    ["Storage"],
    ["get-directory", "put-directory"],
    ["put-directory", "get-directory", "read-path", "write-path"],
    ["notify"],
    ["notify", "notify"],
    ["it's", 'say "hi"', "back\\slash"],
    ["100%", "a_b", "é"],
    [""],
)
_SCHEMA_COUNT = 32

DATA: dict[str, Row] = {
    "gAAAAABp333ATC0BjGAx1KrcRYWy_T-nrJ3Q0vvfurwtNzz4yDTSiaRSg2OYAUT16NTIbcxmqYvZZrJbJa2jTyncfHQW97"
    "GqzA==": {},
    "gAAAAABp333A40RE0bYs90L6Yr8ESJNdR-Q_NS59XdDHdek_s62BxMTKY0W8CPTG7g88u2W0BaJS3u43R8Y4LHXN73bJAH"
    "6jWkZpwHWdCx5N7SiUs6t3sfyF6QomYhvK_NfAjYSaLtNMN1aUQ0Z2fCii1my2x3HukA==": {
        "url": "https://example.com/hook",
        "token": "it's a secret",
    },
    "gAAAAABp333AU8YfCuQNyNBnyQlROne6GjXeD17q-qiWpdWPcSYEVdhZJ2Y0SHDEms5AMkx96uL1hzwltHFRKtKqiXR-O3"
    "soYTgzTTwP7MCiYOLVMTFb8ntkNoro5lQ7A-0Syc-B6rEc": {"value": "naïve 🚀", "n": 1},
}
"""What documents hold, as it is stored and as it is read with `storage.ENCRYPTION_KEY`. Encryption
begins with a chance number, so what is stored cannot be made anew each time."""


def block_types() -> Iterator[Row]:
    draw = Draw(13)
    for number, name in enumerate(TYPE_NAMES):
        yield row(
            "block_type",
            number,
            draw,
            name=name,
            slug=_SLUGS.get(number, f"{name.lower().replace(' ', '-')}-{number}"),
            logo_url=draw.one((None, "", "https://example.com/logo.png?a=1&b=%20")),
            documentation_url=draw.one((None, "https://docs.example.com/it's")),
            description=draw.one((None, "", "it's 100%", "line\nbreak 🚀")),
            code_example=draw.one((None, "```python\nBlock.load('x')\n```")),
            is_protected=draw.often(40),
        )


def block_schemas() -> Iterator[Row]:
    draw = Draw(14)
    for number in range(_SCHEMA_COUNT):
        yield row(
            "block_schema",
            number,
            draw,
            created=TIMES[number],
            # Two versions of one checksum; the types after the first twenty have no schema.
            checksum=f"sha256:{max(number, 1):064x}" if number % 9 else f"sha256:it's-{number}",
            version=("non-versioned", "non-versioned", "0.1.0", "0.10.0", "1.0 'beta'")[number % 5]
            if number > 1
            else f"0.{number}",
            fields=draw.one(
                (
                    {"block_schema_references": {}},
                    {
                        "title": "Secret",
                        "type": "object",
                        "properties": {"token": {"type": "string"}},
                        "required": ["token"],
                        "secret_fields": ["token"],
                        "block_schema_references": {},
                    },
                )
            ),
            capabilities=draw.one(_CAPABILITIES),
            block_type_id=ident("block_type", number % 20),
        )


def block_documents() -> Iterator[Row]:
    draw = Draw(15)
    stored = tuple(DATA)
    for number in range(44):
        schema = draw.number(_SCHEMA_COUNT)
        kind = schema % 20
        yield row(
            "block_document",
            number,
            draw,
            # Unique within their type only; the server gives anonymous ones a name as well.
            name=f"anonymous-{ident('name', number)}"
            if number % 3 == 2
            else f"{_DOCUMENT_NAMES[number % len(_DOCUMENT_NAMES)]}{'' if number < 23 else number}",
            data=stored[number % len(stored)],
            is_anonymous=number % 3 == 2 or number == 10,
            # A copy of the type's name that a change of the name leaves stale.
            block_type_name=draw.one((TYPE_NAMES[kind], TYPE_NAMES[kind], "stale", None)),
            block_type_id=ident("block_type", kind),
            block_schema_id=ident("block_schema", schema),
            updated=draw.one((NOW, *TIMES)),
        )


_DOCUMENT_NAMES = (
    "prod", "Prod", "PROD", "dev-creds", "dev_creds", "devXcreds", "it's", 'say "hi"',
    "back\\slash", " padded ", "naïve", "NAÏVE", "🚀", "null", "42", "team:data", "a_b", "aXb",
    "-- comment", "[x]", "{y}", "line\nbreak", "etl",
)  # fmt: skip

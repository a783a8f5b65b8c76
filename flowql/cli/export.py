"""`flowql export`: a database's tables copied to a folder, which `run --on FOLDER` asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowql.cli.waiting import ProgressLine
from flowql.run.export import SECRET, Copied, Exported, export

if TYPE_CHECKING:
    from argparse import Namespace

    from flowql.cli.console import Console

FINE = 0


def run(arguments: Namespace, console: Console) -> int:
    """Copy the tables, and say how much there was of them."""
    only = [name for given in arguments.only for name in given.split(",") if name]
    if arguments.only and not only:
        arguments.usage_error("--only names no entity")
    with ProgressLine(console) as line:

        def tell(copied: Copied) -> None:
            line.show(f"{copied.entity}: {copied.rows:,} of {copied.expected:,} rows")

        done = export(
            arguments.on,
            arguments.to,
            only=only,
            overwrite=arguments.overwrite,
            version=arguments.version_written,
            on_progress=tell,
        )
    console.say_json(_document(done)) if console.json else console.say(done.extent)
    if arguments.on is None:
        place = done.place
        console.notice("demo", f"demo data: {place} (--on copies another place)", path=place)
    if done.missing:
        missing = ", ".join(done.missing)
        console.notice("not-there", f"the database has no {missing}", entities=[*done.missing])
    left = sorted(SECRET) if not only else []
    for name in left:
        console.notice("left-out", f"{name} are left out (--only {name} copies them)", entity=name)
    return FINE


def _document(done: Exported) -> dict[str, Any]:
    tables = {
        name: {"rows": table.rows, "bytes": done.sizes[name]} for name, table in done.tables.items()
    }
    size = sum(done.sizes.values())
    return {"folder": done.folder, "rows": done.rows, "bytes": size, "tables": tables}

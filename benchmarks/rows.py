"""FlowQL's SQL beside Prefect's for the same questions, on the same rows, in the same run.

`python3 dev.py python -m benchmarks.rows --runs 10000 100000`. For each engine and number of flow
runs a database is migrated by Prefect and filled; each question is asked of Prefect's own server,
whose statements are kept as the driver got them, and translated by FlowQL. Both must give the same
rows in the same order, and the same number of them; then both are timed in turn. `/paginate` asks
for a page and for the number of all rows, so both count on either side.

A table is printed for each engine and size: medians, the ratio of FlowQL's to Prefect's, and under
"twice" that of Prefect's to itself, timed once more in the same turns: what differs less than this
does is noise. Plans are written below `benchmarks/plans/`.
"""

from __future__ import annotations

import argparse
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import flowql
from benchmarks import rows_engines
from benchmarks.rows_data import World
from benchmarks.rows_engines import Engine, Parameters
from benchmarks.rows_questions import NOW, QUESTIONS, Question

_ROOT = Path(__file__).resolve().parents[1]
_PLANS = Path(__file__).resolve().parent / "plans"
_LEAST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Statement:
    text: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Pair:
    """The same asked by both; `part` is `page` or `count`."""

    part: str
    prefect: Statement
    ours: Statement


@dataclass(frozen=True, slots=True)
class Times:
    """Medians, in seconds."""

    prefect: float
    ours: float
    again: float

    def __add__(self, other: Times) -> Times:
        return Times(self.prefect + other.prefect, self.ours + other.ours, self.again + other.again)

    @property
    def ratio(self) -> float:
        return self.ours / self.prefect

    @property
    def noise(self) -> float:
        return self.again / self.prefect


def main() -> None:
    arguments = argparse.ArgumentParser(description="FlowQL's SQL beside Prefect's.")
    arguments.add_argument("--runs", type=int, nargs="+", default=[10_000], metavar="N")
    arguments.add_argument("--engines", nargs="+", choices=_ENGINES, default=list(_ENGINES))
    arguments.add_argument("--rounds", type=int, default=50, help="at most, of each statement")
    arguments.add_argument("--seconds", type=float, default=3, help="for each statement, about")
    options = arguments.parse_args()
    for runs in options.runs:
        for name in options.engines:
            with _ENGINES[name]() as engine:
                _measure(engine, runs, options.rounds, options.seconds)


@contextmanager
def _sqlite() -> Iterator[Engine]:
    with (
        tempfile.TemporaryDirectory(prefix="flowql-rows-") as folder,
        rows_engines.sqlite(Path(folder)) as engine,
    ):
        yield engine


_ENGINES = {"sqlite": _sqlite, "postgres": rows_engines.postgres}


def _measure(engine: Engine, runs: int, rounds: int, seconds: float) -> None:
    start = time.monotonic()
    version, asked = _asked(engine)
    numbers = engine.load(World(runs).tables())
    loaded = time.monotonic()
    folder = _PLANS / f"{engine.dialect}-{runs}"
    folder.mkdir(parents=True, exist_ok=True)
    sizes = ", ".join(f"{number:,} {table}" for table, number in numbers.items())
    print(f"\n{engine.title}, Prefect {version}: {sizes}\n")
    print("| question | rows | of | Prefect ms | FlowQL ms | ratio | page | count | twice |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|", flush=True)
    for question, pairs in asked.items():
        found = {pair.part: _same(engine, question, pair) for pair in pairs}
        times = {pair.part: _timed(engine, pair, rounds, seconds) for pair in pairs}
        for pair in pairs:
            _write_plans(engine, folder / f"{question.name}.{pair.part}", pair)
        print(_line(question, found, times), flush=True)
    ended = time.monotonic()
    print(f"\n{loaded - start:.0f} s to make the rows, {ended - loaded:.0f} s to ask", flush=True)


# ── what is asked ─────────────────────────────────────────────────────────────


def _asked(engine: Engine) -> tuple[str, dict[Question, list[Pair]]]:
    requests = []
    for question in QUESTIONS:
        request = flowql.parse(question.text, now=NOW).to_request()
        requests.append((request.path, request.body))
    version, sent = _sent(engine, requests)
    return version, {
        question: [
            Pair(part, Statement(*theirs), _ours(engine, text))
            for (part, text), theirs in zip(_parts(question), _sorted(statements), strict=True)
        ]
        for question, statements in zip(QUESTIONS, sent, strict=True)
    }


def _parts(question: Question) -> list[tuple[str, str]]:
    count = ("count", question.count)
    return [("page", question.text), count] if question.page else [count]


def _sorted(statements: list[tuple[str, Parameters]]) -> list[tuple[str, Parameters]]:
    """The page first: /paginate asks both at once, so they were sent in either order."""
    return sorted(statements, key=lambda statement: statement[0].startswith("SELECT count("))


def _sent(
    engine: Engine, requests: list[tuple[str, Any]]
) -> tuple[str, list[list[tuple[str, Parameters]]]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests"
        file.write_bytes(pickle.dumps(requests))
        command = [sys.executable, "-m", "benchmarks.rows_server", engine.prefect_url, str(file)]
        subprocess.run(command, check=True, cwd=_ROOT)
        version, sent = pickle.loads(file.read_bytes())
        return version, sent


def _ours(engine: Engine, text: str) -> Statement:
    sql = flowql.parse(text, now=NOW).to_sql(engine.dialect, "bind")
    return Statement(engine.adapted(sql.text), sql.params)


# ── what is found ─────────────────────────────────────────────────────────────


def _same(engine: Engine, question: Question, pair: Pair) -> int:
    """The number of rows, or the number that was counted, which must be the same."""
    theirs = engine.rows(pair.prefect.text, pair.prefect.parameters)
    ours = engine.rows(pair.ours.text, pair.ours.parameters)
    if pair.part == "count":
        (their_count,), (our_count,) = (tuple(rows[0].values()) for rows in (theirs, ours))
        assert their_count == our_count, f"{question.text}: {their_count}, but {our_count}"
        return int(our_count)
    assert [row["id"] for row in theirs] == [row["id"] for row in ours], question.text
    return len(ours)


def _timed(engine: Engine, pair: Pair, rounds: int, seconds: float) -> Times:
    turns = [pair.prefect, pair.ours, pair.prefect]
    times: list[list[float]] = [[], [], []]
    deadline = time.monotonic() + seconds
    for number in range(rounds):
        if number >= _LEAST_ROUNDS and time.monotonic() > deadline:
            break
        for offset in range(len(turns)):
            # Each begins as often as the others, since who comes first may find less in caches.
            at = (number + offset) % len(turns)
            times[at].append(engine.seconds(turns[at].text, turns[at].parameters))
    prefect, ours, again = map(median, times)
    return Times(prefect, ours, again)


def _write_plans(engine: Engine, path: Path, pair: Pair) -> None:
    for name, statement in (("prefect", pair.prefect), ("flowql", pair.ours)):
        parts = [
            statement.text,
            repr(statement.parameters),
            engine.plan(statement.text, statement.parameters),
        ]
        Path(f"{path}.{name}.txt").write_text("\n\n".join(parts) + "\n")


def _line(question: Question, found: dict[str, int], times: dict[str, Times]) -> str:
    first, *others = times.values()
    both = sum(others, first)
    cells = [
        f"`{question.text}`",
        str(found.get("page", "")),
        str(found["count"]),
        f"{both.prefect * 1e3:,.2f}",
        f"{both.ours * 1e3:,.2f}",
        f"**{both.ratio:.2f}**",
        f"{times['page'].ratio:.2f}" if "page" in times else "",
        f"{times['count'].ratio:.2f}",
        f"{both.noise:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

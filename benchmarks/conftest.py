"""Prints each group's times as ratios to its peer, measured in the same run."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    session = getattr(config, "_benchmarksession", None)
    if session is None:
        return
    groups: dict[str, list[Any]] = {}
    for bench in session.benchmarks:
        if bench.stats.data:
            groups.setdefault(bench.group or "", []).append(bench)
    for group, benches in sorted(groups.items()):
        peers = [bench for bench in benches if bench.extra_info.get("peer")]
        base = min(peers or benches, key=lambda bench: bench.stats.median)
        terminalreporter.write_sep("-", f"{group}: median, and as a ratio to {_label(base)}")
        for bench in sorted(benches, key=lambda bench: bench.stats.median):
            microseconds = bench.stats.median * 1e6
            ratio = bench.stats.median / base.stats.median
            terminalreporter.write_line(
                f"  {_label(bench):<34} {microseconds:>14,.1f} µs {ratio:>9.2f} ×"
            )


def _label(bench: Any) -> str:
    return str(bench.extra_info.get("label", bench.name))

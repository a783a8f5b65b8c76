"""Task workers: no rows of a table, but processes that a running server has heard of.

`serve_prefect` tells its server of them. Their times are those of the answers, so they have none
here; a server keeps the tasks of each as a set.
"""

from __future__ import annotations

from tests.oracle.data.values import NOW, Row

TASK_WORKERS: list[Row] = [
    {"identifier": identifier, "task_keys": task_keys, "timestamp": NOW}
    for identifier, task_keys in (
        ("worker-1", ["my_app.load-1a2b", "my_app.send-3c4d"]),
        ("worker-2", ["my_app.load-1a2b"]),
        ("Worker-2", ["My_App.Load-1A2B"]),
        ("it's", ["it's", "100%", "a_b"]),
        ("back\\slash", ["aXb", "naïve", "🚀"]),
        ("", ["", " "]),
        ("no tasks", []),
        ("🚀", ["NAÏVE", "my_app.send-3c4d", "null"]),
    )
]

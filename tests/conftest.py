"""What every test can ask for, and how long random tests go on.

`HYPOTHESIS_PROFILE=ci` asks thousands of random queries in all, the same ones each
time, so that a verdict can be repeated; `long` asks tens of thousands, new ones
each time; without it a run stays everyday-short, and new too.
"""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.oracle.fixtures", "tests.golden.fixtures"]

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("everyday", max_examples=100, **_COMMON)
settings.register_profile("ci", max_examples=2_000, derandomize=True, **_COMMON)
settings.register_profile("long", max_examples=20_000, print_blob=True, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))

"""A home for the command."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.cli.command import ROOT


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A home of the tests' own, with the demo in it and without settings of Prefect's."""
    folder = tmp_path_factory.mktemp("home")
    before = dict(os.environ)
    for name in list(os.environ):
        if name.startswith("PREFECT_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ |= {
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error:::flowql",
    }
    os.environ.pop("NO_COLOR", None)
    yield folder
    os.environ.clear()
    os.environ.update(before)

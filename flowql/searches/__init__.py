"""Saved searches: queries in files, with a description and defaults, found by their names.

`file` reads one text: its comment block (description, parameters, defaults) and its query.
`parameters` gives parameters their values, from defaults and from texts such as `--set` has.
`folder` finds the folder and what is in it, and names it.

Promised: every text gives a `Search`, and what is wrong with it is a coded problem at its place.
Nothing here prints, writes a file, or asks a server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowql.searches.file import Default, Parameter, Search, read

if TYPE_CHECKING:
    from flowql.searches.folder import Loaded, find, load

__all__ = ["Default", "Loaded", "Parameter", "Search", "find", "load", "read"]


def __getattr__(name: str) -> Any:
    # A query that is no file needs no folder; what that imports takes time.
    if name in ("Loaded", "find", "load"):
        from flowql.searches import folder

        return getattr(folder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

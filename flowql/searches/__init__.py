"""Saved searches: queries in files, with a description and defaults, found by their names.

`file` reads one text: its comment block (description, parameters, defaults) and its query.
`parameters` gives parameters their values, from defaults and from texts such as `--set` has.
`folder` finds the folder and what is in it, and names it.

Promised: every text gives a `Search`, and what is wrong with it is a coded problem at its place.
Nothing here prints, writes a file, or asks a server.
"""

from flowql.searches.file import Default, Parameter, Search, read
from flowql.searches.folder import Loaded, find, load

__all__ = ["Default", "Loaded", "Parameter", "Search", "find", "load", "read"]

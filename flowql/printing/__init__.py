"""Text from `ast`: the one printer, for `flowql fmt` and for canonical texts.

Stands below the back ends, so that whoever has a tree can show it as text.
"""

from flowql.printing.query import format_expression, format_query

__all__ = ["format_expression", "format_query"]

"""The resolver: names, values, conditions and scopes, from `ast` to `typed`."""

from flowql.resolve.query import resolve

__all__ = ["resolve"]

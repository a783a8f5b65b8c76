"""How deep a tree is, measured before anything that recurses reads it.

sqlglot writes a tree by recursion, SQLite's parser keeps a stack of 100 symbols
and bounds the height of an expression. Each is a `Depth`: what a node costs those
below it, and the most that any path may cost. Measuring itself does not recurse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

_LEAVES = frozenset({exp.Column, exp.Literal, exp.Identifier, exp.Placeholder, exp.Boolean})


@dataclass(frozen=True, kw_only=True)
class Depth:
    """A bound on a tree: `most` is what the nodes above any node may cost together."""

    most: int
    node: int = 1
    """The cost of a node to its operands."""
    nodes: Mapping[type[exp.Expr], int] = field(default_factory=dict)
    """The same where it differs."""
    left: int = 0
    """The cost of a binary operator to its left operand."""
    right: int = 1
    """The same to its right operand."""

    def exceeded(self, tree: exp.Expr) -> bool:
        """Whether the tree is deeper."""
        pending = [(tree, 0)]
        while pending:
            node, cost = pending.pop()
            kind = type(node)
            if kind in _LEAVES:
                continue
            if cost > self.most:
                return True
            if isinstance(node, exp.Binary):
                pending.append((node.this, cost + self.left))
                if (right := node.args.get("expression")) is not None:
                    pending.append((right, cost + self.right))
                continue
            below = cost + self.nodes.get(kind, self.node)
            for value in node.args.values():
                if isinstance(value, exp.Expr):
                    pending.append((value, below))
                elif isinstance(value, list):
                    pending.extend((item, below) for item in value if isinstance(item, exp.Expr))
        return False


WRITER = Depth(most=200)
"""sqlglot takes at most four frames a node, so this stays within Python's 1,000.

The left operands of a chain are free: it writes them in a loop.
"""

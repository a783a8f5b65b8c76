"""How much work a proof may cost: beyond it, what is asked stays open."""

from __future__ import annotations

from dataclasses import dataclass


class OutOfBudget(Exception):
    """The work allowed has been done; nothing is known."""


@dataclass(slots=True)
class Budget:
    """Steps that are left; a step looks at one condition or at one value."""

    steps: int

    def spend(self, steps: int) -> None:
        self.steps -= steps
        if self.steps < 0:
            raise OutOfBudget

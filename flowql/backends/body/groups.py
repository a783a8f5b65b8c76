"""Criteria in their groups: one object a group, joined by one `and` or one `or`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowql.backends.body import search
from flowql.backends.body.sayings import Atom, Joined, Json, Saying, atoms
from flowql.catalog import Means
from flowql.catalog.filters import Group, Leaf
from flowql.diagnostics import request as problems

if TYPE_CHECKING:
    from flowql.diagnostics import Diagnostic
    from flowql.source import Span

PREFIXES_LIMIT = 900
"""Alternatives of `startswith_`: they nest, and SQLite's expressions nest 1,000 deep in all."""


@dataclass(slots=True)
class Grouping:
    """Puts what is said of one entity into the groups of its filter model."""

    entity: str
    problems: list[Diagnostic]
    _either: bool = False

    def arrange(self, group: Group, saying: Saying) -> dict[str, Json] | None:
        """The JSON object that says it; None where a problem was reported."""
        joined = saying if isinstance(saying, Joined) else Joined("and", [saying], saying.span)
        parts: dict[str, list[Saying]] = {}
        for part in joined.parts:
            names = _names(part, len(group.path))
            if len(names) > 1:
                self._mixed(group, joined, part)
                return None
            parts.setdefault(names.pop(), []).append(part)
        either = joined.word == "or" and (
            len(parts) > 1 or (self._is_joining(group) and search.needs_either(joined))
        )
        if either and (group.single or not group.operator):
            self._no_or(group, joined)
            return None
        if not group.path:
            self._either = either
        body: dict[str, Json] = {"operator": "or_"} if either else {}
        for name, inner in group.parts.items():
            if name not in parts:
                continue
            like = parts[name]
            if all(_is_whole(part, inner) for part in like):
                groups = [part.value for part in like if isinstance(part, Atom)]
                body[name] = groups[0] if len(groups) == 1 else groups
                continue
            one = like[0] if len(like) == 1 else Joined(joined.word, like, joined.span)
            value: Json = (
                self._value(inner, one) if isinstance(inner, Leaf) else self.arrange(inner, one)
            )
            if value is None:
                return None
            body[name] = value
        return body

    def _is_joining(self, group: Group) -> bool:
        """Whether it is the model itself, and has an `operator`."""
        return not group.path and group.operator

    def _mixed(self, group: Group, joined: Joined, part: Saying) -> None:
        """A part that mixes several criteria among others."""
        if not group.operator:
            self._no_or(group, joined)
            return
        word = part.word if isinstance(part, Joined) else joined.word
        span = part.span or joined.span
        subject = ".".join((self.entity, *group.path))
        self.problems.append(problems.MixedAndOr(span=span, entity=subject, word=word))

    def _no_or(self, group: Group, joined: Joined) -> None:
        criterion = ".".join((self.entity, *group.path))
        self.problems.append(problems.OrInOneField(span=joined.span, criterion=criterion))

    def _value(self, leaf: Leaf, saying: Saying) -> Json:
        if leaf.means is Means.SEARCH:
            query = search.joined(saying, either=self._either)
            if query is None:
                criterion = ".".join(leaf.path)
                span = _second(saying) if isinstance(saying, Joined) else saying.span
                self.problems.append(problems.UnsayableSearch(span=span, criterion=criterion))
            return query
        if isinstance(saying, Atom):
            return saying.value
        word = _LISTS.get(leaf.means)
        if word == saying.word and all(isinstance(part, Atom) for part in saying.parts):
            prefixes: dict[str, None] = {}
            for atom in atoms(saying):
                assert isinstance(atom.value, list)
                prefixes.update(dict.fromkeys(map(str, atom.value)))
            if len(prefixes) <= PREFIXES_LIMIT:
                return list(prefixes)
            self.problems.append(
                problems.TooManyPrefixes(
                    span=saying.span, count=len(prefixes), limit=PREFIXES_LIMIT
                )
            )
            return None
        second = _second(saying)
        self.problems.append(
            problems.CriterionTwice(span=second, criterion=".".join(leaf.path), entity=self.entity)
        )
        return None


_LISTS = {Means.STARTS_WITH: "or", Means.PREFIX: "or", Means.NOT_PREFIX: "and"}
"""Criteria that take a list, and the word that joins its elements."""


def _is_whole(saying: Saying, part: Group | Leaf) -> bool:
    """Whether a saying is a whole group."""
    return isinstance(saying, Atom) and isinstance(part, Group) and saying.leaf.path == part.path


def _names(saying: Saying, depth: int) -> set[str]:
    """The parts of a group, at a depth of the model, that a saying is about."""
    return {atom.leaf.path[depth] for atom in atoms(saying)}


def _second(saying: Joined) -> Span | None:
    return atoms(saying)[1].span or saying.span

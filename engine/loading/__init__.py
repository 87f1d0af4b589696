"""Loading: a folder of definitions becomes the frozen model, with every shape problem found on the way.

In: a `Tree` of files. Out: `Loaded`. Nothing is raised for wrong definitions, and nothing is linked: formulas are texts
with places; `engine.checks` links them and follows references inside expressions. Knows no database and no page.

    loaded = load(DiskTree(Path("definitions")))      # or MemoryTree({"shared/values/limits.yaml": "values: ..."})
    loaded.definitions    # Definitions, not linked
    loaded.problems       # of syntax, shape and names, sorted by place
    loaded.places         # Places: value(owner, *keys), key(owner, *keys)
    loaded.names          # Names: find("document", "order", system) -> Found(key, ambiguous), known("document", system)
    loaded.elements       # every element with kind, id, key, system and place; also kinds that have no model yet
    loaded.sources        # file -> text, for reports
    loaded.workbooks      # file -> bytes, of workbooks with rows of decision tables
    loaded.unread         # files that could not be read

`Places` answers where `to: reviewing` of an event stands: `places.value(event.where, "to")`. Offsets inside a text add
up by `formula.where.shifted(start, end)`, over escapes and lines. `Names` resolves ids in
the reach of a system: its own, then `uses`, then `shared`; the registry key is the plain id, or `system.id` in a system
that is `qualified`. `engine.codes.report` renders problems for a terminal or as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.loading.assembling import assemble
from engine.loading.folder import DefinitionFile, DiskTree, MemoryTree, Tree
from engine.loading.gathering import gather
from engine.loading.names import Element, Names
from engine.loading.places import Places
from engine.model.system import Definitions
from engine.problems import Problem

__all__ = ["DiskTree", "Element", "Loaded", "MemoryTree", "Names", "Places", "Tree", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A tree of definitions as read: not linked, with every problem found so far."""

    definitions: Definitions
    problems: tuple[Problem, ...]
    places: Places
    names: Names
    elements: tuple[Element, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    workbooks: Mapping[str, bytes] = field(default_factory=dict)
    unread: tuple[DefinitionFile, ...] = ()


def load(tree: Tree) -> Loaded:
    """Read a tree of definitions and build the model of what it says."""
    gathered = gather(tree)
    places = Places(gathered.texts, gathered.sources)
    definitions = assemble(gathered, places)
    found = {(problem.where, problem.code, tuple(problem.values.items())): problem for problem in gathered.problems}
    problems = tuple(sorted(found.values(), key=lambda problem: (problem.where, problem.code)))
    elements = tuple(gathered.names.elements())
    texts, unread = gathered.texts, tuple(gathered.unread)
    return Loaded(definitions, problems, places, gathered.names, elements, texts, gathered.workbooks, unread)

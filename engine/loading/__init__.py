"""Loading: a folder of definitions becomes the frozen model, with every shape problem found on the way.

In: a `Tree` of files. Out: `Loaded`. Nothing is raised for wrong definitions, and nothing is linked: formulas are texts
with places; `engine.checks` links them and follows references inside expressions. Knows no database and no page.

    loaded = load(DiskTree(Path("definitions")))      # or MemoryTree({"shared/values/limits.yaml": "values: ..."})
    loaded.definitions    # Definitions, not linked
    loaded.problems       # of syntax, shape and names, sorted by place
    loaded.places         # Places: value(owner, *keys), key(owner, *keys), inside(formula.where, start, end)
    loaded.names          # Names: find("document", "order", system) -> Found(key, ambiguous), known("document", system)
    loaded.elements       # every element with kind, id, key, system and place; also kinds that have no model yet
    loaded.sources        # file -> text, for reports

`Places` answers where `to: reviewing` of an event stands: `places.value(event.where, "to")`. `Names` resolves ids in
the reach of a system: its own, then `uses`, then `shared`; the registry key is the plain id where it is unique over all
systems, else `system.id`. `engine.loading.report` renders problems for a terminal or as JSON.
"""

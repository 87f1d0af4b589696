"""What stands on the page of a document beside its fields: rows of other documents, figures, charts that speak of it.

In: a document the actor may see. Out: components, computed. The document is read anew: what is shown is as it stands.
"""

from __future__ import annotations

from engine.expressions.environment import Env
from engine.usecases.components import Reading
from engine.usecases.free_pages import button_views, note_protected_cells
from engine.usecases.page_views import ComponentView
from engine.usecases.presenting import Presenter
from engine.usecases.projected import ProjectedWorld
from engine.usecases.reading import looked_at
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor


def shown_beside(runtime: Runtime, actor: Actor, document: str, record_id: str) -> tuple[ComponentView, ...]:
    """The components of a document's page; nothing where its type declares none. Raises Refused(not_found)."""
    page = runtime.definitions.beside.get(document)
    if page is None:
        return ()
    with looked_at(runtime, actor, document, record_id) as (work, working, _):
        world = ProjectedWorld(work.world.as_of(work.day_of(working)))
        row = world.follow(document, record_id) or {}
        env = Env(row, world, this=row)
        reading = Reading(world, Presenter(work.world), env, {}, lambda button: button_views(work, button))
        found = reading.bodies(page.body)
    note_protected_cells(runtime, actor, page.body)
    return found

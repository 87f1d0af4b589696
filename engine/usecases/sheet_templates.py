"""Templates of many sheets in one file.

In: who imports, a document type. Out: a ZIP with the templates of its system. What a template holds is said elsewhere.
"""

from __future__ import annotations

import io
import re
import zipfile

from engine.model.formula import Title
from engine.problems import Refused
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_use import InUse, may_import
from engine.usecases.sheets import template
from engine.usecases.views import Actor

_NO_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_STANDS = (2020, 1, 1, 0, 0, 0)
"""The time of every file, so that the same templates are the same bytes."""


def templates(runtime: Runtime, actor: Actor, document: str) -> tuple[Title, bytes]:
    """The templates of all sheets of the system that a document type belongs to, as far as the actor may import by
    them, packed (ZIP). Raises Refused(not_found) where there are none."""
    definitions = runtime.definitions
    declared = definitions.documents.get(document)
    system = definitions.systems.get(declared.system) if declared is not None else None
    sheets = [one for one in definitions.sheets.values() if system is not None and one.system == system.id]
    allowed = [one for one in sheets if (used := InUse.of(runtime, one)) and may_import(runtime, actor, used)]
    if not allowed or system is None:
        raise Refused((), kind="not_found")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in allowed:
            view, content = template(runtime, actor, one.document, one.id)
            named = "-".join(part for part in (one.page, view.title.worded(actor.language)) if part)
            about = zipfile.ZipInfo(f"{_NO_NAME.sub('_', named)}.xlsx", date_time=_STANDS)
            archive.writestr(about, content, zipfile.ZIP_DEFLATED)
    return system.title, packed.getvalue()

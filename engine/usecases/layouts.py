"""One print of one record laid out: its HTML with the code that names it, and what it has shown.

In: a record the actor may see, a print. Out: a `Laid`. Nothing is stored here, and no PDF is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from engine.access.rights import RecordRights
from engine.codes import word
from engine.documents.wording import fill
from engine.expressions.environment import Env
from engine.model.prints import Layout, PrintForm
from engine.printing.limits import PrintRefused
from engine.printing.page import Page, page_html, style_of
from engine.printing.render import Renderer, TemplateFile
from engine.problems import Faulty, Problem
from engine.usecases.desk import Working
from engine.usecases.paper import Front, Paper, Sheet
from engine.usecases.papers import bound, note_paper
from engine.usecases.presenting import Presenter
from engine.usecases.sights import Sights
from engine.usecases.signatures import signatures
from engine.usecases.work import Work


@dataclass(frozen=True, slots=True)
class Laid:
    """A print ready for the press. `token` is empty where nothing binds the paper."""

    layout: Layout
    document: str
    record_id: str
    print: str
    of_version: int
    mark: str  # what its bookmark says
    sights: Sights = field(default_factory=dict)
    digest: str = ""
    token: str = ""


@cache
def renderer(timer: Callable[[], float] | None) -> Renderer:
    """The renderer of this process, with its compiled templates."""
    return Renderer(timer=timer)


def lay_out(work: Work, working: Working, form: PrintForm, rights: RecordRights) -> Laid:
    """Lay out a print as somebody with these rights may see it. Raises Faulty."""
    day = work.day_of(working)
    world = work.world.as_of(day)
    sheet = Sheet(Presenter(world))
    name, source = form.template_on(day.isoformat())
    try:
        paper = Front(
            sheet,
            Paper(sheet, working.document, working.values, rights),
            lambda: signatures(work, working, sheet),
        )
        body = renderer(work.runtime.timer).render(TemplateFile(source, name, form.others), paper)
    except PrintRefused as refused:
        about = f"{working.document.id}/{working.values['id']}"
        raise Faulty("print", _told(form, refused.problem), about) from refused
    text = fill(form.qr, Env(working.values, world, this=working.values)) if form.qr is not None else ""
    digest, token = bound(work, working, form, sheet.sights) if form.is_bound else ("", "")
    said = f"{work.runtime.address}/v/{token}" if token else text
    page = Page(form.title.zh, made_on=work.now.date(), qr_svg=work.runtime.qr.svg(said) if said else "", qr_text=text)
    values = working.values
    label = sheet.presenter.label(working.document.id, values, rights)
    mark = " ".join(dict.fromkeys((form.title.zh, label, sheet.presenter.number(values, rights))))
    layout = Layout(page_html(body, page), style_of(form), form.folder)
    version = int(str(values["version"]))
    return Laid(
        layout, working.document.id, str(values["id"]), form.id, version, mark.strip(), sheet.sights, digest, token
    )


def _told(form: PrintForm, problem: Problem) -> Mapping[str, str]:
    place = f"{problem.where.file}:{problem.where.line}"
    zh, en = word(problem, "zh").message, word(problem, "en").message
    return {
        "zh": f"“{form.title.zh}”的打印模板有误（{place}）：{zh}",
        "en": f"The template of “{form.title.worded('en')}” is at fault ({place}): {en}",
    }


def keep_paper(work: Work, laid: Laid) -> None:
    """Keep what binds the paper, once it is made."""
    if laid.token:
        about = {"token": laid.token, "digest": laid.digest, "sights": laid.sights, "of_version": laid.of_version}
        note_paper(work, laid.document, laid.record_id, laid.print, about)

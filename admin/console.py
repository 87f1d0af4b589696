"""The administrator's console: parameters, roles, code lists, jobs, the audit.

In: requests of administrators. Out: pages made from views of the use cases and from the definitions in force. Accounts
and units are documents: their pages are generated like all others.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.model.system import Job
from engine.problems import Refused
from engine.usecases import consoles, parameters
from engine.usecases.administration import is_administrator
from engine.usecases.landing_records import MESSAGE
from engine.usecases.monitoring import attention
from engine.usecases.wording_cells import choices
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, language, runtime, say, text_of, title
from engine.web.wording import PAGES

blueprint = Blueprint("admin", __name__, url_prefix="/admin", template_folder="templates")
MOST_AUDIT = 200
MOST_EFFECTS = 200
LONGEST_REASON = 200


@blueprint.context_processor
def _every_page() -> dict[str, object]:
    """What the rooms' tabs need, and what channels are called."""
    return {"demands_licence": runtime().node.licence is not None, "channel_name": channel_name}


def channel_name(name: str) -> str:
    """The title that a system gives a channel, else its name in the node file."""
    declared = runtime().definitions.channels.get(name)
    return (title(declared.title) if declared is not None else "") or name


@blueprint.get("/")
@signed_in
@administrators_only
def index() -> str:
    """What there is to look after, with the figures that matter."""
    accounts = runtime().node.accounts
    return render_template(
        "admin/index.html",
        figures=consoles.figures(runtime()),
        accounts=accounts.document if accounts is not None else "",
        units=_units() or "",
        needs=attention(runtime()),
    )


# --- parameters ----------------------------------------------------------------------------------------------------


@blueprint.get("/parameters")
@signed_in
def settings() -> str:
    """Parameters that the person may set; roles may be allowed to that look after nothing else."""
    return _settings({}, {})


@blueprint.post("/parameters/<name>")
@signed_in
def set_value(name: str) -> Response:
    """Set a parameter, for the office or for one unit."""
    raw, org = request.form.get("value", ""), request.form.get("org", "")
    try:
        parameters.set_parameter(runtime(), actor(), name, raw, org)
    except Refused as refused:
        if refused.kind != "findings":
            raise
        told = " ".join(text_of(one) for one in refused.findings)
        return make_response(_settings({name: raw}, {name: told}), 422)
    flash(say("admin.set"), "done")
    return redirect(url_for("admin.settings") + f"#{name}", 303)


@blueprint.post("/parameters/reset/<setting>")
@signed_in
def reset_value(setting: str) -> Response:
    """Let the declared value stand again."""
    parameters.reset_parameter(runtime(), actor(), setting)
    flash(say("admin.reset"), "done")
    return redirect(url_for("admin.settings"), 303)


@blueprint.get("/parameters/<name>/history")
@signed_in
def setting_history(name: str) -> str:
    """Who set a parameter when."""
    steps = parameters.history(runtime(), actor(), name)
    declared = runtime().definitions.parameters[name]
    return render_template("admin/setting_history.html", parameter=declared, steps=steps)


def _settings(typed: Mapping[str, str], told: Mapping[str, str]) -> str:
    found = parameters.settable(runtime(), actor())
    if not found and not is_administrator(runtime(), actor()):
        abort(404)
    units = parameters.units(runtime(), actor()) if any(one.per_unit for one in found) else ()
    return render_template("admin/parameters.html", found=found, typed=typed, told=told, units=units, options=_options)


def _options(view: parameters.ParameterView) -> tuple[tuple[str, str], ...]:
    """What a parameter can be, where that is a choice."""
    return choices(runtime(), view.field, language())


# --- what is in force ----------------------------------------------------------------------------------------------


@blueprint.get("/roles")
@signed_in
@administrators_only
def roles() -> str:
    """What each role may do with each document type."""
    return render_template("admin/roles.html", matrix=consoles.role_matrix(runtime()), joint=_joint())


@blueprint.get("/codes")
@signed_in
@administrators_only
def code_lists() -> str:
    """All code lists."""
    return render_template("admin/codes.html", lists=consoles.code_lists(runtime()))


@blueprint.get("/codes/<name>")
@signed_in
@administrators_only
def code_list(name: str) -> str:
    """One code list with all its columns."""
    found = runtime().definitions.codes.get(name)
    if found is None:
        abort(404)
    text = request.args.get("q", "").strip()
    return render_template("admin/code_list.html", codes=found, rows=consoles.code_rows(found, text), text=text)


# --- operations ----------------------------------------------------------------------------------------------------


@blueprint.get("/jobs")
@signed_in
@administrators_only
def jobs() -> str:
    """Jobs with their last runs."""
    return render_template("admin/jobs.html", jobs=consoles.jobs(runtime()), rhythm=_rhythm)


@blueprint.get("/outbox")
@signed_in
@administrators_only
def outbox() -> str:
    """Effects by their state, newest first."""
    state = request.args.get("state", consoles.STATES[0])
    if state not in consoles.STATES:
        abort(404)
    effects = consoles.effects(runtime(), state, MOST_EFFECTS)
    return render_template(
        "admin/outbox.html", effects=effects, state=state, states=consoles.STATES,
        kind_of=lambda name: _told(f"admin.effect_kind.{name}", name),
    )  # fmt: skip


@blueprint.post("/outbox/retry")
@signed_in
@administrators_only
def retry() -> Response:
    """Let one failed effect begin anew, or all of them."""
    count = consoles.retry(runtime(), actor(), request.form.getlist("id"))
    flash(say("admin.retried", count=count), "done")
    return redirect(url_for("admin.outbox", state="failed"), 303)


@blueprint.post("/outbox/drop")
@signed_in
@administrators_only
def drop() -> Response:
    """Give up an effect, and keep why."""
    because = request.form.get("because", "").strip()[:LONGEST_REASON]
    if not because:
        abort(400)
    consoles.give_up(runtime(), actor(), request.form.get("id", ""), because)
    flash(say("admin.dropped"), "done")
    return redirect(url_for("admin.outbox", state="failed"), 303)


@blueprint.get("/audit")
@signed_in
@administrators_only
def audit() -> str:
    """Who did or read what, newest first."""
    document, record_id = request.args.get("document", ""), request.args.get("record", "")
    entries = consoles.audit(runtime(), document=document, record_id=record_id, limit=MOST_AUDIT)
    return render_template(
        "admin/audit.html", entries=entries, document=document, record=record_id,
        documents=runtime().definitions.documents.values(),
        action=lambda name: _told(f"audit.{name}", name), joint=_joint(), messages=MESSAGE,
    )  # fmt: skip


def _told(key: str, name: str) -> str:
    """A name of the engine in words, where it has some."""
    return say(key) if key in PAGES.texts else name


def _rhythm(job: Job) -> str:
    """How often and when a job runs, in words."""
    *many, unit = job.every.split()
    unit = unit.removesuffix("s") + ("s" if many else "")
    known = f"admin.every.{unit}" in PAGES.texts
    often = say(f"admin.every.{unit}", count="".join(many)) if known else job.every
    return " ".join(filter(None, (often, job.on, job.at)))


def _joint() -> str:
    """What stands between names in a row."""
    return "、" if language() == "zh" else ", "


def _units() -> str | None:
    accounts = runtime().node.accounts
    return runtime().definitions.documents[accounts.document].fields[accounts.org].type.of if accounts else None

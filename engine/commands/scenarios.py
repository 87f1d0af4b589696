"""`guiju test`: the scenarios of the definitions, each in an empty office of its own, with coverage."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, verb
from engine.loading.nearest import nearest
from engine.model.system import Definitions
from engine.ports import Clock
from engine.problems import DefinitionError, Span
from engine.testing.scenarios import Report, run_scenarios
from engine.usecases.runtime import Runtime


def add(verbs: Verbs) -> None:
    """`test [NAME]`."""
    parser = verb(verbs, "test", "Run the scenarios of the definitions.", "guiju test expiry --json", act)
    parser.add_argument(
        "name", nargs="?", default="", help="only scenarios whose name, document, system or file contains this"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--whole", action="store_true", help="fail where an event, rule or approval step is not shown")
    parser.add_argument("--quiet", action="store_true", help="do not name the scenarios that passed")
    parser.add_argument("--fields", action="store_true", help="name the fields that no role was shown filled")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: 0 when there are scenarios, all of them went as told; with `--whole` only when they
    show every event, guard, rule and outcome of an approval step."""
    force, problems, _ = composition.checked()
    if force is None:
        raise DefinitionError(problems)
    chosen = [one for one in force.definitions.scenarios if _is_meant(one, options.name)]
    if not chosen:
        fault(_nothing(force.definitions, options.name))
        return 1
    with tempfile.TemporaryDirectory() as folder:

        def make(clock: Clock) -> Runtime:
            return composition.trial(force, clock, Path(folder))

        report = run_scenarios(force.definitions, make, chosen)
    if options.json:
        as_json(_told(report))
    else:
        _say_results(report, quiet=options.quiet)
        _say(report, whole=not options.name, fields=options.fields)
    shown = not options.whole or not _missing(report)
    return 0 if report.results and report.passed and shown else 1


def _is_meant(scenario: Mapping[str, object], name: str) -> bool:
    """Whether a scenario's name, document type, system or file contains what was typed."""
    where = scenario.get("where")
    file = where.file if isinstance(where, Span) else ""
    return any(name in str(text) for text in (scenario.get("name"), scenario.get("document"), file))


def _nothing(definitions: Definitions, name: str) -> str:
    """That there is no scenario, with the nearest name that has one."""
    known = [str(one.get(key)) for one in definitions.scenarios for key in ("name", "document", "system")]
    if not known:
        return "there are no scenarios: they stand in scenarios/*.yaml of a document or a system"
    near = nearest(name, known)
    return f"no scenario, document, system or file is called {name!r}{f'; did you mean {near}?' if near else ''}"


def _told(report: Report) -> dict[str, object]:
    results = [{"name": one.name, "where": str(one.where), "mistakes": list(one.mistakes)} for one in report.results]
    unseen, fields = report.coverage.fields()
    return {
        "scenarios": results,
        "missing": [list(point) for point in _missing(report)],
        "fields": {"all": fields, "unseen": [list(point) for point in unseen]},
    }


def _say_results(report: Report, *, quiet: bool) -> None:
    for result in report.results:
        if result.mistakes or not quiet:
            line(f"{'FAILED' if result.mistakes else 'passed'} {result.name}  {result.where}")
        for mistake in result.mistakes:
            line(f"    {mistake}")


def _say(report: Report, *, whole: bool, fields: bool) -> None:
    missing = _missing(report) if whole else ()
    for kind, document, name in missing:
        line(f"no scenario shows the {kind} {document}.{name}")
    failed = sum(bool(result.mistakes) for result in report.results)
    if whole:
        shown, all_points = report.coverage.share()
        line(f"{shown} of {all_points} events, guards, rules and approval steps shown")
        unseen, all_fields = report.coverage.fields()
        for _, document, name in unseen if fields else ():
            line(f"no scenario shows the field {document}.{name.replace(' ', ' to the role ')}")
        line(f"{all_fields - len(unseen)} of {all_fields} fields shown to the roles that may see them")
    line(f"{len(report.results) - failed} passed, {failed} failed")


def _missing(report: Report) -> list[tuple[str, str, str]]:
    documents = report.coverage.definitions.documents
    return [point for document in documents for point in report.coverage.missing(document)]

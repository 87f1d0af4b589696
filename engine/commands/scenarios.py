"""`guiju test`: the scenarios of the definitions, each in an empty office of its own, with coverage."""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line, meant
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.model.system import Definitions
from engine.ports import Clock
from engine.problems import DefinitionError, Span
from engine.testing.scenarios import Report, run_scenarios
from engine.usecases.runtime import Runtime


def add(verbs: Verbs) -> None:
    """`test [NAME]`."""
    parser = verb(verbs, "test", say("test.help"), "guiju test expiry --json", act)
    parser.add_argument("name", nargs="?", default="", help=say("test.name"))
    for_programs(parser)
    parser.add_argument("--whole", action="store_true", help=say("test.whole"))
    parser.add_argument("--quiet", action="store_true", help=say("test.quiet"))
    parser.add_argument("--fields", action="store_true", help=say("test.fields"))


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

        with _silence():
            report = run_scenarios(force.definitions, make, chosen)
    if options.json:
        as_json(_told(report))
    else:
        _say_results(report, quiet=options.quiet)
        _say(report, whole=not options.name, fields=options.fields)
    shown = not options.whole or not _missing(report)
    return 0 if report.results and report.passed and shown else 1


@contextmanager
def _silence() -> Iterator[None]:
    """What goes wrong on purpose in scenarios is no news of this installation."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _is_meant(scenario: Mapping[str, object], name: str) -> bool:
    """Whether a scenario's name, document type, system or file contains what was typed."""
    where = scenario.get("where")
    file = where.file if isinstance(where, Span) else ""
    return any(name in str(text) for text in (scenario.get("name"), scenario.get("document"), file))


def _nothing(definitions: Definitions, name: str) -> str:
    """That there is no scenario, with the nearest name that has one."""
    known = [str(one.get(key)) for one in definitions.scenarios for key in ("name", "document", "system")]
    if not known:
        return say("test.none")
    return say("test.nothing", name=name, near=meant(name, known))


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
            line(f"{say('test.failed' if result.mistakes else 'test.passed')} {result.name}  {result.where}")
        for mistake in result.mistakes:
            line(f"    {mistake}")


def _say(report: Report, *, whole: bool, fields: bool) -> None:
    missing = _missing(report) if whole else ()
    for kind, document, name in missing:
        line(say("test.missing", kind=say(f"test.kind.{kind}"), document=document, name=name))
    failed = sum(bool(result.mistakes) for result in report.results)
    if whole:
        shown, all_points = report.coverage.share()
        line(say("test.shown", shown=shown, all=all_points))
        unseen, all_fields = report.coverage.fields()
        for _, document, name in unseen if fields else ():
            field, _, role = name.partition(" ")
            line(say("test.field", document=document, name=field, role=role))
        line(say("test.seen", shown=all_fields - len(unseen), all=all_fields))
    line(say("test.summary", passed=len(report.results) - failed, failed=failed))


def _missing(report: Report) -> list[tuple[str, str, str]]:
    documents = report.coverage.definitions.documents
    missing = [point for document in documents for point in report.coverage.missing(document)]
    return [*missing, *report.coverage.watches()]

"""`guiju tables`: decision tables from the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, for_programs, verb
from engine.console import say
from engine.tables.case_tables import CaseFileError
from engine.tables.cases import CaseResult, run_case_file


def add(verbs: Verbs) -> None:
    """`tables run FILE`."""
    parser = verb(verbs, "tables", say("tables.help"), "guiju tables run cases.json", act)
    parser.add_argument("what", choices=("run",))
    parser.add_argument("file", type=Path)
    for_programs(parser)


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: each case is named; 1 if one fails."""
    try:
        report = run_case_file(options.file)
    except (OSError, CaseFileError) as error:
        fault(str(error))
        return 1
    if options.json:
        as_json([asdict(result) for result in report.results])
    else:
        for result in report.results:
            line(_worded(result))
        line(say("test.summary", passed=report.passed, failed=report.failed))
    return report.exit_code if report.results else 1


def _worded(result: CaseResult) -> str:
    """One case: whether it passed, else what came instead."""
    told = f"{say('test.passed' if result.passed else 'test.failed')}  {result.item}  {result.case}  {result.table}"
    otherwise = say("tables.otherwise", expected=repr(result.expected), actual=repr(result.actual))
    return told if result.passed else f"{told}: {result.message or otherwise}"

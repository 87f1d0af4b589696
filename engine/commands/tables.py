"""`guiju tables`: decision tables from the command line."""

from __future__ import annotations

import argparse
import json
from decimal import Decimal
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, verb
from engine.tables.cases import run_case_file


def add(verbs: Verbs) -> None:
    """`tables run FILE`."""
    parser = verb(verbs, "tables", "Run a file of decision table cases.", "guiju tables run cases.json", act)
    parser.add_argument("what", choices=("run",))
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print JSON")


def act(composition: Composition, options: argparse.Namespace) -> int:
    """Run the verb: each case is named; 1 if one fails."""
    try:
        content = json.loads(options.file.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, ValueError) as error:
        fault(f"{options.file}: {error}")
        return 1
    report = run_case_file(content)
    if options.json:
        as_json([{"case": case.name, "passed": case.passed, "detail": case.detail} for case in report.cases])
    else:
        for case in report.cases:
            line(f"{'passed' if case.passed else 'FAILED'} {case.name}{'' if case.passed else ': ' + case.detail}")
        failed = sum(not case.passed for case in report.cases)
        line(f"{len(report.cases) - failed} passed, {failed} failed")
    return 0 if report.cases and all(case.passed for case in report.cases) else 1

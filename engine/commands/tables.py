"""`guiju tables`: decision tables from the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from engine.commands.composition import Composition
from engine.commands.output import as_json, fault, line
from engine.commands.parsers import Verbs, verb
from engine.tables.case_tables import CaseFileError
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
        report = run_case_file(options.file)
    except (OSError, CaseFileError) as error:
        fault(str(error))
        return 1
    if options.json:
        as_json([asdict(result) for result in report.results])
    else:
        line(str(report))
    return report.exit_code if report.results else 1

"""The one shape of every refused REST answer.

`{"error": {"code", "message", "findings": [{"at", "level", "code", "text"}]}}`; `at` is the path in the document.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Response, jsonify, make_response

from engine.problems import Finding, Level, Refused
from engine.web.surroundings import say, text_of


def error(status: int, code: str, message: str, findings: Iterable[Finding] = ()) -> Response:
    """An error answer."""
    told = [finding_json(finding) for finding in findings]
    return make_response(jsonify({"error": {"code": code, "message": message, "findings": told}}), status)


def of_refusal(refusal: Refused, status: int) -> Response:
    """A refusal in the envelope; its kind is the code."""
    told = [finding for finding in refusal.findings if finding.level is not Level.WARN]
    message = " ".join(text_of(finding) for finding in told) or say(f"refused.{refusal.kind}")
    return error(status, refusal.kind, message, refusal.findings)


def finding_json(finding: Finding) -> dict[str, object]:
    """One finding."""
    return {"at": list(finding.at), "level": str(finding.level), "code": finding.code, "text": text_of(finding)}

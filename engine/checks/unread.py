"""What could not be read is unknown, and unknown silences what depends on it.

In: problems, and the files that could not be read. Out: the problems without those that only say that something of such
a file is not there: the fields of a document type, the states of a machine, the roles of a system. Knows which code
speaks of what kind of file, and no content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.loading.folder import SINGLE, SYSTEM_FOLDERS, DefinitionFile
from engine.model.documents import Document
from engine.problems import Problem

_FIELDS = (
    "REF002 REF016 REF021 EXP010 EXP011 PRT002 PRT024 PRT025 PAG001 PAG002 PAG003 PAG004 PAG005 SHT003 SHT004 SHT005 "
    "SHT006 SHT007 SHT009 SCN002 DOC001 DOC012 DOC013 DOC015 ACC002 ACC004 ACC007 ACC008 ACC009 ACC011 ACC012 ACC013 "
    "MAC014 MAC016 MAC026 MAC027 WAT002"
)
_COURSE = (
    "REF004 REF005 REF007 REF010 REF020 EXP030 MAC001 MAC002 MAC003 MAC004 MAC005 MAC006 MAC007 MAC008 MAC009 MAC010 "
    "WAT001 WAT002 MAC012 MAC015 MAC021 MAC022 ACC001 ACC003 ACC005 ACC009 ACC010 PAG006 SHT001 SHT002 SHT008"
)
_ACCESS = "ACC001 ACC002 ACC003 ACC005 ACC006 ACC010 ACC012 MAC027 PAG006 SHT010"
_REACHED = (
    "REF001 REF003 REF006 REF008 REF009 REF010 REF011 REF012 REF013 REF014 REF015 REF018 REF019 EXP010 EXP012 EXP013 "
    "NAM003 NAM010 SHT011 SYS007 SYS008"
)

DEPENDS: Mapping[str, frozenset[str]] = {
    kind: frozenset(codes.split())
    for kind, codes in {
        "document": f"{_FIELDS} REF001 REF010 REF015 NAM010 NAM011 EXP012 EXP016 SYS003 WAT001 FLW020 FLW027 FLW030",
        "machine": _COURSE,
        "access": _ACCESS,
        "pages": "REF015",
        "rules": "REF004",
        "system": _REACHED,
        "queries": "REF015 EXP010 EXP012",
        "actions": "REF010",
        "notices": "REF009",
        "interfaces": "REF012 REF019",
        "values": "REF018 EXP010 EXP013",
        "codes": "REF003 EXP014 EXP030 PRT013 TAB004 TAB023 VAL010 SYS008",
        "table": "EXP010 EXP012",
        "page": "REF015",
        "mapping": "REF011",
        "ledger": "LED001 REF001 REF015 EXP010 EXP012",
        "print": "REF008 PRT012",
        "sheet": "SHT011",
        "calendar": "REF013",
        "envelope": "REF011",
        "flow": "FLW006 FLW008 FLW009 FLW011 FLW017 SYS048",
        "node": "EXP016 REF019 SYS007 SYS013 SYS014 FLW002",
    }.items()
}
"""By kind of file: what is said where something in such a file is missed."""
_NOBODY = "EXP016"
_NAMED = {"document": "REF001 REF015 NAM010 NAM011", "codes": "REF003"}
"""What is said of the file's own element, whose id is the name of the file or of its folder."""


def without_unread(
    problems: Iterable[Problem], unread: Iterable[DefinitionFile], documents: Mapping[str, Document]
) -> list[Problem]:
    """The problems that do not come from a file that could not be read."""
    found = list(problems)
    for file in unread:
        users = _users(file, found, documents)
        found = [one for one in found if not _depends(one, file, users)]
    return found


def _users(file: DefinitionFile, problems: Iterable[Problem], documents: Mapping[str, Document]) -> frozenset[str]:
    """The document types whose definition stands in the file: its own, or those that use it as a part."""
    if not file.part:
        return frozenset({file.document} - {""})
    built = {_last(key) for key, document in documents.items() if file.part in document.parts}
    missed = {_folder(one) for one in problems if one.code == "NAM003" and one.values["name"] == file.part}
    return frozenset(built | missed - {""})


def _depends(problem: Problem, file: DefinitionFile, users: frozenset[str]) -> bool:
    if problem.where.file == file.path:
        return False
    name = problem.values.get("name", "")
    if file.part and problem.code == "NAM003":
        return name == file.part
    if problem.code not in DEPENDS.get(file.kind, ()):
        return False
    if problem.code in _NAMED.get(file.kind, "").split():
        return name.split(".")[0] == (file.document or file.stem)
    if problem.code == _NOBODY:
        return True  # the accounts may be what could not be read
    if users and file.kind not in (*SINGLE, "scenarios"):
        return bool(users & {_folder(problem), *_owners(problem)})
    return not (file.kind in SINGLE and file.kind != "node" and problem.code.startswith("REF")) or name == file.stem


def _owners(problem: Problem) -> set[str]:
    """The document types that a problem speaks of."""
    said = (problem.values.get(key, "") for key in ("owner", "document", "of", "list"))
    return {step for text in said for step in text.split(".")}


def _folder(problem: Problem) -> str:
    """The document type in whose folder a problem stands."""
    steps = problem.where.file.split("/")
    own = steps[1] if len(steps) > 2 else ""
    return "" if own in SYSTEM_FOLDERS else own


def _last(key: str) -> str:
    return key.rpartition(".")[2]

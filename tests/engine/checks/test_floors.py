"""A role's floor limits what it speaks of; where it says nothing of the record, the grant must."""

import pytest

from engine.checks import check
from engine.loading import load
from engine.loading.folder import MemoryTree
from engine.testing.office import BASE

NOTE = "document: note\ntitle: 便条\nlabel: text\nfields:\n  text: {title: 内容, type: text}\n"
FLOOR = BASE["desk/system.yaml"].replace("clerk: {title: 经办}", "clerk: {title: 经办, rows: org == user.org}")


def codes(note, grant):
    tree = {
        **BASE,
        "desk/system.yaml": FLOOR,
        "desk/note/document.yaml": note,
        "desk/note/access.yaml": f"access: {grant}\n",
    }
    found = check(load(MemoryTree(tree))).problems
    return [one.code for one in found if one.values.get("document") == "note" and one.code.startswith("ACC")]


@pytest.mark.parametrize(
    ("fields", "rows", "wanted"),
    [
        ("", "", ["ACC011"]),
        ("", "rows: created_by == user.id, ", []),
        ("", "rows: user.enabled, ", ["ACC011"]),
        ("  org: {title: 单位, type: ref, to: org}\n", "", []),
    ],
)
def test_rows_must_speak_of_the_record(fields, rows, wanted):
    assert codes(NOTE + fields, f'{{clerk: {{{rows}read: "*", create: true}}}}') == wanted

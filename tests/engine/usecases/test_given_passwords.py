"""Passwords that actions give: judged, and kept as digests alone."""

import pytest

from engine.problems import Refused
from engine.testing.office import Office

CASE = """
document: case
title: 案件
fields:
  word: {title: 口令, type: text}
"""
ACCOUNT = """
document: account
title: 账号
fields:
  secret: {title: 密码, type: password}
"""
MACHINE = """
states: {open: {title: 在办, final: true}}
events:
  open: {title: 新建, from: new, to: open, by: clerk, do: [{create: account, with: {secret: =word}}]}
"""
ENTERED = """
states: {open: {title: 在用, final: true}}
events:
  enter: {title: 新建, from: new, to: open, by: engine}
"""


@pytest.fixture
def office():
    return Office({
        "desk/case/document.yaml": CASE,
        "desk/case/machine.yaml": f"machine: case{MACHINE}",
        "desk/case/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*'}}",
        "desk/account/document.yaml": ACCOUNT,
        "desk/account/machine.yaml": f"machine: account{ENTERED}",
        "desk/account/access.yaml": "access: {clerk: {read: '*'}}",
    })  # fmt: skip


def test_only_the_digest_is_stored(office):
    office.raise_("clerk", "open", "case", word="Yunlan-2026!")
    (stored,) = office.all("account")
    assert stored["secret"] != "Yunlan-2026!"
    assert office.runtime.passwords.verify(stored["secret"], "Yunlan-2026!")


def test_a_weak_one_is_refused(office):
    with pytest.raises(Refused) as refused:
        office.raise_("clerk", "open", "case", word="weak")
    assert refused.value.findings[0].code == "weak"
    assert not office.all("account")

import re
from html import unescape
from pathlib import Path

import pytest

from engine.printing.check import check_print
from engine.printing.render import Renderer, TemplateFile
from engine.problems import Span
from tests.engine.printing.forms import PF_1, PF_2, VOCABULARIES, definition, exit_form, letter, template


def printed(form: Path, values: dict[str, object]) -> str:
    html = Renderer().render(TemplateFile(template(form), form.name), values)
    return re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", html)))


@pytest.mark.parametrize("form", VOCABULARIES, ids=lambda form: form.name)
def test_definition_and_template_agree(form: Path) -> None:
    anchors = definition(form)["anchors"]
    assert isinstance(anchors, dict)
    places = {name: Span("x.yaml") for name in anchors}
    assert check_print(template(form), f"{form.name}.html", VOCABULARIES[form], anchors=places) == []


CELLS = """
姓名 性别 出生日期 民族 籍贯 现住址 代办人姓名 工作时间 单位职务 健康状况 入党时间 代办人手机号
工作单位 代理人手机号 本人手机号 本人身份证号 国内直系亲属及主要社会关系 国外直系亲属及主要社会关系
出国（境）目的地 赴国（境）外时间 国（境）外停留时间 同行人员 上次因私出国（境）时间 上次因私出国（境）地点
申请出国（境）事由 本人签名 所在单位意见 主管部门意见 组织部门审批意见
"""


def test_cells_of_the_exit_form_stand_in_order() -> None:
    text = printed(PF_1, exit_form())
    places = []
    for label in CELLS.split():
        places.append(text.find(label, places[-1] if places else 0))
    assert -1 not in places
    assert places == sorted(places)
    assert "出生日期1979-03-08民族汉族" in text


def test_relatives_fill_at_least_their_printed_rows() -> None:
    def rows(home: int) -> int:
        return Renderer().render(TemplateFile(template(PF_1), "t"), exit_form(home)).count("<tr>")

    assert rows(0) == rows(4) == rows(30) - 26


def test_letter_ticks_what_is_chosen_and_crosses_the_rest() -> None:
    text = printed(PF_2, letter())
    assert "关于同意欧阳明远申办出入境证件的函" in text
    assert "√普通护照×往来港澳通行证及香港签注×往来港澳通行证及澳门签注√往来台湾通行证及签注" in text
    assert "日期：2026年5月6日" in text
    assert "4、因受理往来港澳和台湾签注申请涉及出入境次数问题" in text


@pytest.mark.parametrize("form", VOCABULARIES, ids=lambda form: form.name)
def test_empty_values_print_an_empty_form(form: Path) -> None:
    text = printed(form, dict.fromkeys(VOCABULARIES[form].shape.fields) | {"signatures": ()})
    assert "None" not in text
    assert "签名" in text

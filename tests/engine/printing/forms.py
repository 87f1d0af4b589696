"""The print definitions PF-1 and PF-2 with the names that they may use and invented data to fill them with."""

from datetime import date, datetime
from pathlib import Path

import yaml

from engine.model.types import DATE, INTEGER, TEXT, Kind, Shape, Type
from engine.printing.views import CodesView, CodeView, RefView, RowView
from engine.printing.vocabulary import Vocabulary, signatures

ISSUE = Path(__file__).parents[3] / "definitions" / "document_issue"
PF_1, PF_2 = ISSUE / "exit_form" / "prints" / "PF-1", ISSUE / "consent_letter" / "prints" / "PF-2"

KIN = Shape(
    "relative",
    {"name": TEXT, "born": DATE, "work": TEXT}
    | {"relation": Type(Kind.CODE, "kinships"), "abroad": Type(Kind.CODE, "countries")},
)
PERSON = Shape("person", {"XB": Type(Kind.CODE, "sexes"), "CSRQ": DATE})
TEXTS = """
number XM GMSFHM LXDH ZW ZJHZC native_place health resume cause agent_name agent_phone note contact phone
address companions proxy_phone
"""
FORM = Shape(
    "exit_form",
    dict.fromkeys(TEXTS.split(), TEXT)
    | dict.fromkeys(["work_from", "CFSJ", "FHSJ", "last_time", "joined_party"], DATE)
    | dict.fromkeys(["nation", "party", "MDD", "last_place", "purpose"], Type(Kind.CODE, "any"))
    | {"applicant": Type(Kind.REF, "person"), "org": Type(Kind.REF, "org"), "days_abroad": INTEGER}
    | dict.fromkeys(["relatives_home", "relatives_abroad"], Type(Kind.ROWS, shape=KIN)),
)
LETTER = Shape(
    "consent_letter",
    dict.fromkeys(TEXTS.split(), TEXT)
    | dict.fromkeys(["org", "authority"], Type(Kind.REF, "org"))
    | {"kinds": Type(Kind.CODES, "document_kinds"), "issued_on": DATE},
)
VOCABULARIES = {
    PF_1: Vocabulary(
        FORM, {"signatures": signatures(Type(Kind.REF, "user"))}, {"person": PERSON, "org": Shape("org", {})}.get
    ),
    PF_2: Vocabulary(LETTER, shapes={"org": Shape("org", {})}.get),
}
KINDS = (
    CodeView("passport", "普通护照"),
    CodeView("hongkong", "往来港澳通行证及香港签注"),
    CodeView("macao", "往来港澳通行证及澳门签注"),
    CodeView("taiwan", "往来台湾通行证及签注"),
)


def template(form: Path) -> str:
    return form.with_suffix(".html").read_text("utf-8")


def definition(form: Path) -> dict[str, object]:
    loaded: dict[str, object] = yaml.safe_load(form.with_suffix(".yaml").read_text("utf-8"))
    return loaded


def relatives(count: int, *, abroad: bool = False) -> tuple[RowView, ...]:
    works = ["临江市第一人民医院 主治医师", "退休", "临江市高新技术产业开发区管理委员会办公室综合科 四级主任科员"]
    country = CodeView("CAN", "加拿大") if abroad else None
    return tuple(
        RowView(
            {"relation": CodeView("x", "女儿"), "name": "欧阳一诺", "abroad": country}
            | {"born": date(1950 + n, 1, 9), "work": works[n % 3]}
        )
        for n in range(count)
    )


SIGNED = RowView(
    {"step": CodeView("hr", "组织人事部门"), "signer": RefView("h", "方知行"), "on_behalf": None}
    | {"decision": CodeView("agree", "同意"), "opinion": "材料齐全，符合规定", "at": datetime(2026, 5, 8, 10, 30)}
)


def exit_form(home: int = 3, abroad: int = 0) -> dict[str, object]:
    """An invented form; the number of the person has a right check digit and belongs to no one known."""
    values: dict[str, object] = dict.fromkeys(FORM.fields)
    values.update(
        number="SP91330100MA00000X1220260506000012", XM="欧阳明远", GMSFHM="330100197903080018", LXDH="13900000002",
        ZW="副主任", native_place="浙江临江", nation=CodeView("01", "汉族"), health="良好", work_from=date(2001, 7, 1),
        applicant=RefView("p", "欧阳明远", {"XB": CodeView("1", "男"), "CSRQ": date(1979, 3, 8)}),
        org=RefView("o", "临江市文化和旅游发展促进中心"), MDD=CodeView("JPN", "日本"), CFSJ=date(2026, 7, 15),
        days_abroad=8, cause="利用年休假与家人赴日本旅游，费用自理，按期返回并及时上交证件。", agent_name="周晓岚",
        relatives_home=relatives(home), relatives_abroad=relatives(abroad, abroad=True), signatures=(SIGNED,),
    )  # fmt: skip
    return values


def letter() -> dict[str, object]:
    values: dict[str, object] = dict.fromkeys(LETTER.fields)
    values.update(
        number="T00254500420260506X00000012", XM="欧阳明远", GMSFHM="330100197903080018", ZW="副主任",
        org=RefView("o", "临江市文化和旅游发展促进中心"), authority=RefView("a", "临江市公安局出入境管理局"),
        kinds=CodesView((KINDS[0], KINDS[3]), KINDS), contact="周晓岚", phone="0571-00000000",
        issued_on=date(2026, 5, 6),
    )  # fmt: skip
    return values

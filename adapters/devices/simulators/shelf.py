"""Papers and cards that nobody has, to be laid on simulated readers: every check digit of them is right.

In: what is to stand on one. Out: lines of a zone as ICAO Doc 9303 lays them out (TD3, parts 3 and 4), the one line of
Chinese cards, texts of identity cards (GB 11643). Names and numbers are made up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.devices.cards.text import check_digit
from adapters.devices.zones.digits import FILLER, digit
from engine.model.devices import CardText

BOOK, ONE_LINE, CARD, FINGER = "book", "one_line", "card", "finger"
"""Forms: a booklet with two lines, a card with one line, an identity card with a chip; no paper is a finger."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What lies on the shelf: lines of a zone, or the text of a card."""

    id: str
    title: str
    form: str
    number: str
    lines: tuple[str, ...] = ()
    card: CardText | None = None


def _padded(text: str, length: int) -> str:
    return text[:length].ljust(length, FILLER)


def _checked(signs: str) -> str:
    return signs + (digit(signs) or "0")


def book_lines(told: Mapping[str, str]) -> tuple[str, str]:
    """Two lines of 44: `number`, `surname`, `given`, `birth` and `expiry` (YYMMDD), `sex`, `country`, `optional`."""
    country = told.get("country", "CHN")
    names = f"{told.get('surname', '')}<<{told.get('given', '')}".upper().replace(" ", FILLER)
    number, birth = _checked(_padded(told["number"].upper(), 9)), _checked(told["birth"])
    expiry, optional = _checked(told["expiry"]), _checked(_padded(told.get("optional", ""), 14))
    body = number + country + birth + told.get("sex", "M") + expiry + optional
    whole = digit(number + birth + expiry + optional) or "0"
    return _padded(f"P{told.get('kind', 'O')}{country}{names}", 44), body + whole


def one_line(told: Mapping[str, str]) -> tuple[str]:
    """The line of 30 of a card: `code` (CS or CD), `number`, `expiry`, `birth`. What its last digit covers is not
    public: it is that of all before it here."""
    number = _checked(_padded(told["number"].upper(), 9))
    expiry, birth = _checked(told["expiry"]), _checked(told["birth"])
    body = f"{told.get('code', 'CS')}{number}{FILLER}{expiry}{FILLER}{birth}{FILLER}"
    return (_checked(_padded(body, 29)),)


def card_text(told: Mapping[str, str]) -> CardText:
    """An identity card; `number` of 17 digits gets its 18th, birth and sex follow from it where they are not told."""
    number = told["number"] if len(told["number"]) == 18 else told["number"] + check_digit(told["number"])
    sex = "1" if int(number[16]) % 2 else "2"
    return CardText(
        told.get("name", "测试"), told.get("sex", sex), told.get("nation", "01"), told.get("birth", number[6:14]),
        told.get("address", "北京市示例区样本路1号"), number, told.get("authority", "北京市公安局示例分局"),
        told.get("valid_from", "20200101"), told.get("valid_to", "20400101"),
    )  # fmt: skip


def paper(name: str, told: Mapping[str, str]) -> Paper:
    """A paper of the form that is told. Raises KeyError, ValueError for what it cannot be made of."""
    form, title = told.get("form", BOOK), told.get("title", name)
    if form == CARD:
        card = card_text(told)
        return Paper(name, title, form, card.number, card=card)
    lines = book_lines(told) if form == BOOK else one_line(told)
    return Paper(name, title, form, told["number"], lines)


def usual_shelf() -> dict[str, Paper]:
    """The papers at hand, by name."""
    return {name: paper(name, said) for name, said in _at_hand().items() if said.get("form") != FINGER}


def usual_fingers() -> dict[int, str]:
    """The fingers that a module knows from the start, by page."""
    return {int(said["page"]): said["title"] for said in _at_hand().values() if said.get("form") == FINGER}


def _at_hand() -> dict[str, dict[str, str]]:
    told: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("shelf.json").read_text("utf-8"))
    return told

"""The wording of a print is that of the day."""

import pytest

from engine.model.formula import DatedSpan, Title
from engine.model.prints import PrintForm, Wording

FORM = PrintForm(
    "slip",
    Title("条"),
    "note",
    "new.html",
    source="new",
    wording=(
        Wording(DatedSpan("2020-01-01", "2020-12-31"), template="old.html", source="old"),
        Wording(DatedSpan("2021-01-01"), "the present one"),
    ),
)


@pytest.mark.parametrize(
    ("day", "template"),
    [("2019-12-31", "new"), ("2020-01-01", "old"), ("2020-12-31", "old"), ("2021-01-01", "new")],
)
def test_the_wording_of_the_day(day, template):
    assert FORM.template_on(day) == (f"{template}.html", template)

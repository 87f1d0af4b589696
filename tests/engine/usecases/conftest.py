"""The office of the use-case tests."""

import pytest

from engine.testing.office import Office
from engine.testing.orders import ORDER


@pytest.fixture
def office():
    return Office(ORDER)


@pytest.fixture
def entered(office):
    """An order in draft, of 600 yuan."""
    line = {"item": "笔", "qty": "3", "price": "200"}
    return office.raise_("clerk", "enter", "order", name="甲", secret="12345678", lines=[line]).record_id

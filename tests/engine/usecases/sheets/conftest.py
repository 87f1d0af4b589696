"""The office whose clerk imports staff, on every store alike."""

import pytest

from tests.engine.usecases.sheet_office import STAFF, staffed


@pytest.fixture(scope="module")
def definitions():
    return STAFF


@pytest.fixture
def office(store):
    return staffed(store)

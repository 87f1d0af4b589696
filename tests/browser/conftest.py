"""The running product that the browser's tests share: filling it with an office's data takes longer than most of
them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.office import DESK, Office
from tests.browser.product import Product, running


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("office") / "home") as started:
        yield started


@pytest.fixture
def office(page: Page, product: Product) -> Iterator[Office]:
    refused = []
    page.on("console", lambda told: refused.append(told.text) if "Content Security Policy" in told.text else None)
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.set_default_timeout(60_000)
    page.set_viewport_size(DESK)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=product.address)
    yield Office(page, product)
    assert not refused

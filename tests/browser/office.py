"""An office at work in a browser: who its journeys are about, its clerk at the desk, its programs, what it sends."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.hands import number, sign_in
from tests.browser.product import Product

expect.set_options(timeout=30_000)  # the machine may be busy with other tests
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
PIN = "135790"
CALLED = "/?&="
BY_FORM, PASTED, SENT, WRONG, EARLIER = "祁望舒", "柏清晏", "慕云舟", "慕空山", "裴照野"
NUMBERS = {name: number(f"198{n}0412", 811 + n) for n, name in enumerate((BY_FORM, PASTED, SENT, WRONG, EARLIER))}
PHONES = {name: f"1990000081{n}" for n, name in enumerate(NUMBERS)}
LEAVING = date.today() + timedelta(days=40)


@dataclass
class Office:
    """The clerk's browser, what programs call, and what the journey has brought about so far."""

    page: Page
    product: Product
    token: str = ""
    pdf: bytes = b""
    seen: dict[str, str] = field(default_factory=dict)

    def open(self, address: str, login: str = "") -> Page:
        """A page of the product, as the clerk unless somebody else comes in."""
        if login:
            sign_in(self.page, self.product, login)
        self.page.goto(self.product.address + address)
        return self.page

    def call(self, method: str, path: str, body: object = None) -> dict:
        """A call of a program in the clerk's name."""
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.product.address}/api/v1{urllib.parse.quote(path, safe=CALLED)}", content, head, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def sends(self, *signs: str) -> None:
        """A message that says all this leaves for the authority; the worker is waited for."""
        for _ in range(120):
            sent = [path.read_text() for path in (self.product.home / "spool/report_out").glob("*.msg")]
            said = [json.dumps(json.loads(one), ensure_ascii=False) for one in sent]
            if any(all(sign in one for sign in signs) for one in said):
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(f"nothing was sent of {signs}")

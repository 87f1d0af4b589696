"""Calls that several tests of the REST door make."""

import io

LINE = {"item": "笔", "qty": 3, "price": "200"}
PDF = b"%PDF-1.7 of one page"


def sent(content: bytes, name="a.pdf"):
    """A file as a program sends it."""
    return {"data": {"file": (io.BytesIO(content), name)}, "content_type": "multipart/form-data"}


def entered(call, name="甲", **values) -> str:
    """An order of 600 yuan."""
    return call("POST", "order", {"values": {"name": name, "lines": [LINE], **values}}).json["id"]

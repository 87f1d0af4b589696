"""What uploaded bytes are, whatever their name says; pictures that unpack to more than anybody means."""

import struct

import pytest

from engine.documents.uploads import MOST_PIXELS, agrees, fits, is_huge, sniffed
from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.types import Kind, Type
from engine.model.values import StoredFile

PNG = b"\x89PNG\r\n\x1a\n"


def field(*accept: str) -> Field:
    return Field("f", Title("f"), "file", Type(Kind.FILE), accept=accept)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0", "jpg"),
        (b"GIF89a", "gif"),
        (b"PK\x03\x04", "xlsx"),
        ("名称,数量".encode(), "txt"),
        (b"<html>", "unknown"),
        (b"  \n<svg>", "unknown"),
        (b"MZ\x90", "unknown"),
        (b"a\0b", "unknown"),
        (b"\xff\xfe", "unknown"),
    ],
)
def test_bytes_tell_what_they_are(content, kind):
    assert sniffed(content)[1] == kind


@pytest.mark.parametrize(
    ("kind", "name", "accept", "taken"),
    [
        ("pdf", "a.pdf", (), True),
        ("pdf", "a.PDF", ("pdf",), True),
        ("jpg", "a.jpeg", ("jpg",), True),
        ("jpg", "a.jpg", (".jpeg",), True),
        ("txt", "a.csv", ("csv",), True),
        ("xlsx", "a.docx", ("docx",), True),
        ("pdf", "a.exe", (), False),
        ("pdf", "a.pdf.exe", (), False),
        ("pdf", "pdf", (), False),
        ("unknown", "a.pdf", (), False),
        ("png", "a.pdf", (), False),
        ("png", "a.png", ("pdf",), False),
        ("gif", "a.gif", (), False),
    ],
)
def test_a_field_takes_only_what_it_says(kind, name, accept, taken):
    assert agrees(field(*accept), kind, name) is taken


def test_a_file_taken_for_one_field_must_fit_another_too():
    picture = StoredFile("0" * 64, "a.png", 8, "image/png")
    assert fits(field("png"), picture)
    assert not fits(field("pdf"), picture)
    assert not fits(field("pdf"), StoredFile("0" * 64, "a.pdf", 8, "text/html"))


def png(width: int, height: int) -> bytes:
    return PNG + struct.pack(">I4sII", 13, b"IHDR", width, height)


def jpg(width: int, height: int) -> bytes:
    comment, frame = b"\xff\xfe\x00\x06abcd", struct.pack(">BBHBHH", 0xFF, 0xC2, 11, 8, height, width)
    return b"\xff\xd8" + comment + frame + b"\0" * 8


@pytest.mark.parametrize(("kind", "made"), [("png", png), ("jpg", jpg)])
def test_huge_pictures(kind, made):
    assert not is_huge(made(4961, 7016), kind)
    assert is_huge(made(MOST_PIXELS // 30_000 + 1, 30_000), kind)


def test_a_gif_is_measured_too():
    assert is_huge(b"GIF89a" + struct.pack("<HH", 65_535, 65_535), "gif")
    assert not is_huge(b"GIF89a" + struct.pack("<HH", 100, 100), "gif")


@pytest.mark.parametrize("content", [b"", PNG, b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\x00\x00" * 50, jpg(1, 1)[:9]])
def test_what_has_no_size_is_not_huge(content):
    assert not is_huge(content, "jpg")
    assert not is_huge(content, "png")
    assert not is_huge(content, "pdf")

import fcntl
import os
import re
import zlib
from pathlib import Path
from threading import Thread

import pytest

from adapters.pdf.fonts import FACES, FontCache, characters
from adapters.pdf.weasyprint import WeasyPdfWriter
from engine.problems import DeliveryError

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)  # fmt: skip
WRITER = WeasyPdfWriter()
STYLE = '@page { size: A5 } body { font-family: "Noto Serif CJK SC" }'


def write(html: str, **more: str) -> bytes:
    return WRITER.write(html, **{"style": STYLE, **more})


def objects(pdf: bytes) -> bytes:
    """The file with its streams unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return pdf + b"".join(unpacked(stream) for stream in streams)


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def pages(pdf: bytes) -> int:
    return objects(pdf).count(b"/Type /Page\n") or len(re.findall(rb"/Type\s*/Page[^s]", objects(pdf)))


def test_chinese_text_is_embedded_with_its_font() -> None:
    pdf = objects(write("<p>张三，规矩</p>", title="审批单"))
    assert pdf.startswith(b"%PDF-")
    assert b"/FontFile" in pdf
    assert "审批单".encode("utf-16-be") in pdf or b"/Title" in pdf


def test_same_input_gives_the_same_bytes() -> None:
    html = '<html><head><meta name="dcterms.created" content="2026-05-06"></head><p>张三 𠮷</p><p>x</p></html>'
    first = write(html)
    assert write(html) == first == WeasyPdfWriter().write(html, style=STYLE)
    assert b"20260506" in objects(first)
    assert write(html.replace("三", "四")) != first


def test_files_of_the_own_folder_are_reached(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(PIXEL)
    with_picture = write('<img src="a%20b.png">', base=str(tmp_path))
    assert b"/Subtype /Image" in objects(with_picture)


def test_base_may_be_relative_to_a_root(tmp_path: Path) -> None:
    (tmp_path / "prints").mkdir()
    (tmp_path / "prints" / "a.png").write_bytes(PIXEL)
    writer = WeasyPdfWriter(root=tmp_path)
    assert writer.write('<img src="a.png">', style=STYLE, base="prints")
    with pytest.raises(DeliveryError):
        writer.write('<img src="../other.png">', style=STYLE, base="prints")


def test_data_is_reached() -> None:
    svg = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E%3Cpath d='M0 0h1v1z'/%3E%3C/svg%3E"
    assert write(f'<img src="{svg}">')


OUTSIDE = [
    "file:///etc/passwd",
    "../secret.png",
    "%2e%2e/secret.png",
    "sub/../../secret.png",
    "link.png",
    "file://localhost/etc/passwd",
    "missing.png",
    "http://127.0.0.1:9/x.png",
    "https://localhost/x.png",
    "ftp://localhost/x.png",
    "//localhost/x.png",
    "/etc/passwd",
    "jar:file:///etc/passwd",
]


@pytest.mark.parametrize("address", OUTSIDE)
@pytest.mark.parametrize(
    "where", ['<img src="{}">', '<p style="background: url({})">x</p>', '<link rel=stylesheet href="{}">']
)
def test_nothing_else_is_reached(address: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "prints"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PIXEL)
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    monkeypatch.setattr("socket.socket.connect", _no_network)
    with pytest.raises(DeliveryError) as caught:
        write(where.format(address), base=str(folder))
    assert not caught.value.incident.retry


def _no_network(*address: object) -> None:
    raise AssertionError(f"a connection was tried: {address}")


@pytest.mark.parametrize("rule", ["@import url(file:///etc/passwd);", "@import url(http://127.0.0.1:9/x.css);"])
def test_style_sheets_reach_nothing_else_either(rule: str) -> None:
    with pytest.raises(DeliveryError):
        write("<p>x</p>", style=rule)


def test_without_a_folder_no_file_is_reached(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PIXEL)
    for address in ("a.png", (tmp_path / "a.png").as_uri()):
        with pytest.raises(DeliveryError):
            write(f'<img src="{address}">')


def test_bundle_has_all_pages_and_each_print_its_own_numbers() -> None:
    sheets = ["<p>一</p>", "<p>二</p><p style='break-before: page'>三</p>"]
    style = STYLE + "@page { @bottom-center { content: counter(page) '/' counter(pages) } }"
    bundle = WRITER.write_many(sheets, style=style)
    assert pages(bundle) == 3
    assert bundle == WRITER.write_many(sheets, style=style)
    with pytest.raises(ValueError, match="nothing"):
        WRITER.write_many([], style=style)


# --- fonts ---


def test_characters_are_those_of_forms() -> None:
    signs = characters()
    assert 7_500 < len(signs) < 8_500
    assert set("张三，。（）《》“”—…　０９ＡＺ√×①Ⅳ〇℃AZaz09é￥") <= signs


def test_without_subsets_all_text_comes_from_the_full_font(tmp_path: Path) -> None:
    fonts = FontCache(tmp_path / "fonts")
    assert fonts.css() == ""
    assert fonts.missing() == list(FACES)
    assert WeasyPdfWriter(fonts).write("<p>张三</p>", style=STYLE)


def test_machine_without_fonts_has_nothing_to_make(tmp_path: Path) -> None:
    fonts = FontCache(tmp_path / "cache", installed=[tmp_path])
    assert fonts.missing() == fonts.make() == []
    assert fonts.start() is None
    assert fonts.missing_glyphs("a张") == {"a", "张"}


def test_while_somebody_makes_fonts_others_wait(tmp_path: Path) -> None:
    made = Thread(target=FontCache(tmp_path, installed=[tmp_path]).make)
    turn = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)
    made.start()
    made.join(0.2)
    assert made.is_alive()
    os.close(turn)
    made.join(10)
    assert not made.is_alive()


def test_signs_that_no_font_draws() -> None:
    assert FontCache(Path("unused")).missing_glyphs("张三𠮷 ①√×\n☑\U0001f600") == {"☑", "\U0001f600"}


def test_subset_is_made_once_and_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.pdf.fonts.characters", lambda: frozenset("张三abc"))
    monkeypatch.setattr("adapters.pdf.fonts.FACES", FACES[:1])
    fonts = FontCache(tmp_path)
    writer = WeasyPdfWriter(fonts)
    style = '@page { size: A5 } body { font-family: "Paper Serif", "Noto Serif CJK SC" }'
    before = writer.write("<p>张三𠮷</p>", style=style)
    (made,) = fonts.make()
    assert fonts.make() == fonts.missing() == []
    assert made.stat().st_size < 50_000
    assert [path.name for path in tmp_path.iterdir()] == [made.name]
    assert fonts.css().startswith('@font-face { font-family: "Paper Serif"; font-weight: 400; src: url(file:///')
    after = writer.write("<p>张三𠮷</p>", style=style)
    assert before != after
    assert objects(after).count(b"/FontFile") == 2  # the rare character comes from the full font


def test_subsets_are_made_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr("subprocess.Popen", lambda command, **_: started.append(command))
    FontCache(tmp_path).start()
    assert started[0][1:] == ["-m", "adapters.pdf.fonts", str(tmp_path)]

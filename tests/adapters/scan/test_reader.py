"""Scanned paper: PDFs and photographs are read, hostile files are refused with a reason and harm nothing."""

import io
import zlib

import pikepdf
import pytest
import segno
from PIL import Image

from adapters.processes.pool import Processes
from adapters.scan import pictures
from adapters.scan.reader import ProcessScanReader, scanned
from engine.ports import UnreadableScan

SAID = "https://office.test/v/" + "GUIJU234" * 3 + "AB"


def sheet(said=SAID, size=(1240, 1754), at=(1000, 1500)):
    """A page of A4 at 150 dots to the inch with a code of 17 mm."""
    page = Image.new("RGB", size, "white")
    if said:
        out = io.BytesIO()
        segno.make_qr(said, error="m", boost_error=False).save(out, kind="png", scale=3, border=4)
        page.paste(Image.open(out).convert("RGB"), at)
    return page


def jpeg(picture, quality=70, **keys):
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, **keys)
    return out.getvalue()


def pdf(*pages):
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=list(pages[1:]), resolution=150)
    return out.getvalue()


@pytest.fixture(scope="module")
def reader():
    pool = Processes(1, seconds=60, memory=2 << 30)
    yield ProcessScanReader(pool.run)
    pool.close()


def reason(reader, content, media="application/pdf"):
    with pytest.raises(UnreadableScan) as caught:
        reader.read(content, media)
    return caught.value.reason


def test_every_page_of_a_pdf_is_a_picture_with_its_codes(reader):
    pages = reader.read(pdf(sheet(), sheet(""), sheet("other")), "application/pdf")
    assert [page.codes for page in pages] == [(SAID,), (), ("other",)]
    whole, small = (Image.open(io.BytesIO(one)) for one in (pages[0].picture, pages[0].small))
    assert max(whole.size) <= pictures.LONGEST
    assert max(small.size) <= 310


@pytest.mark.parametrize("turned", [0, 4, 90, 180, 271])
@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_photographs_may_lie_as_they_like(turned, scale):
    page = sheet().rotate(turned, expand=True, fillcolor=(190, 180, 170))
    table = Image.new("RGB", (page.width + 300, page.height + 200), (110, 100, 90))
    table.paste(page, (150, 90))
    photo = jpeg(table.resize((int(table.width * scale), int(table.height * scale))), 55)
    (found,) = scanned(photo, "image/jpeg")
    assert found.codes == (SAID,)


def test_a_photograph_is_turned_upright_and_scaled_down():
    exif = Image.Exif()
    exif[0x0112] = 6
    (found,) = scanned(jpeg(sheet(size=(4800, 3600)), exif=exif), "image/jpeg")
    whole = Image.open(io.BytesIO(found.picture))
    assert whole.height > whole.width
    assert whole.height <= pictures.LONGEST
    assert not whole.getexif()


def test_pictures_are_bound_the_same_way_twice(reader):
    (page,) = reader.read(jpeg(sheet()), "image/jpeg")
    bound = reader.bind([page.picture, page.picture])
    assert bound == reader.bind([page.picture, page.picture])
    assert [one.codes for one in reader.read(bound, "application/pdf")] == [(SAID,)] * 2


def test_nothing_of_what_came_with_a_pdf_goes_out(reader):
    with pikepdf.open(io.BytesIO(pdf(sheet()))) as document:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        out = io.BytesIO()
        document.save(out)
    (page,) = reader.read(out.getvalue(), "application/pdf")
    assert b"JavaScript" not in reader.bind([page.picture])


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (b"%PDF-1.7 nothing", "application/pdf"),
        (b"", "application/pdf"),
        (b"\xff\xd8\xff rubbish", "image/jpeg"),
        (jpeg(sheet())[:2000], "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png"),
        (b"GIF89a" + b"\0" * 50, "image/png"),
    ],
)
def test_what_is_broken_is_told(reader, content, media):
    assert reason(reader, content, media) == "broken"


def test_a_picture_that_unpacks_too_large_is_refused_before_it_is_unpacked(reader):
    rows = zlib.compressobj(9)
    data = b"".join(rows.compress(b"\0" * 12_501) for _ in range(1000)) + rows.flush()

    def chunk(kind, body):
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    head = (100_000).to_bytes(4, "big") * 2 + b"\x01\0\0\0\0"
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    assert len(bomb) < 100_000
    assert reason(reader, bomb, "image/png") == "pixels"


def test_a_locked_pdf_is_told(reader):
    with pikepdf.open(io.BytesIO(pdf(sheet()))) as document:
        out = io.BytesIO()
        document.save(out, encryption=pikepdf.Encryption(user="u", owner="o"))
    assert reason(reader, out.getvalue()) == "locked"


def test_too_many_pages_are_told(reader):
    with pikepdf.new() as document:
        for _ in range(pictures.MOST_PAGES + 1):
            document.add_blank_page(page_size=(50, 50))
        out = io.BytesIO()
        document.save(out)
    assert reason(reader, out.getvalue()) == "pages"


def test_a_page_as_large_as_a_house_becomes_a_picture_of_usual_size(reader):
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(14_400, 14_400))
        out = io.BytesIO()
        document.save(out)
    (page,) = reader.read(out.getvalue(), "application/pdf")
    assert max(Image.open(io.BytesIO(page.picture)).size) <= pictures.LONGEST


def test_a_file_that_takes_too_long_is_told():
    class Slow:
        def run(self, task, *arguments):
            from engine.problems import DeliveryError, Incident

            raise DeliveryError(Incident("process", "took longer than 1 s"))

    assert reason(ProcessScanReader(Slow().run), pdf(sheet())) == "slow"

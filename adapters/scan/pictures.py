"""Scans as pictures of pages, by Pillow and PDFium, within limits: what comes here may be anybody's.

In: bytes of a PDF, JPEG or PNG. Out: one picture in colour for each page, of a size that a page needs and no more.
Nothing of the file that came is in what goes out: no script, no form, no data beside the picture.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence

import pypdfium2
from PIL import Image, ImageOps

from engine.ports import UnreadableScan

DOTS = 200
"""To the inch: small print stays legible, and a code of 17 mm has three dots to each of its modules."""
MOST_PAGES = 250
MOST_PIXELS = 60_000_000
"""Of a picture that comes."""
LONGEST = 3400
"""Dots of the longer side of a picture that goes out."""
_SMALL = (220, 310)
_POINTS = 72
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def pages_of(content: bytes, media: str) -> Iterator[Image.Image]:
    """A picture for each page. Raises UnreadableScan."""
    return _pdf_pages(content) if media == "application/pdf" else iter((_photo(content),))


def _pdf_pages(content: bytes) -> Iterator[Image.Image]:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise UnreadableScan("locked" if "password" in str(error).lower() else "broken") from error
    try:
        if len(document) > MOST_PAGES:
            raise UnreadableScan("pages")
        if not len(document):
            raise UnreadableScan("broken")
        for number in range(len(document)):
            page = document[number]
            longer = max(page.get_size())
            scale = min(DOTS / _POINTS, LONGEST / max(longer, 1))
            yield page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
            page.close()
    except pypdfium2.PdfiumError as error:
        raise UnreadableScan("broken") from error
    finally:
        document.close()


def _photo(content: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise UnreadableScan("pixels")
            picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is unpacked no larger than it is needed
            upright = ImageOps.exif_transpose(picture).convert("RGB")
            upright.thumbnail((LONGEST, LONGEST))
            return upright
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableScan("pixels") from None
    except (OSError, SyntaxError, ValueError) as error:  # Pillow tells a broken file in all three ways
        raise UnreadableScan("broken") from error


def grey(picture: Image.Image) -> Image.Image:
    """The picture in grey."""
    return picture.convert("L")


def jpeg(picture: Image.Image) -> bytes:
    """The picture as JPEG."""
    return _written(picture, 82)


def small_jpeg(picture: Image.Image) -> bytes:
    """The picture as a small JPEG, to be recognised by."""
    small = picture.copy()
    small.thumbnail(_SMALL)
    return _written(small, 70)


def _written(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def pdf_of(pictures: Sequence[bytes]) -> bytes:
    """Pictures as the pages of one PDF; the same pictures give the same bytes. Raises ValueError without any."""
    if not pictures:
        raise ValueError("nothing to bind")
    first, *others = [Image.open(io.BytesIO(one), formats=("JPEG",)) for one in pictures]
    out = io.BytesIO()
    first.save(
        out, "PDF", save_all=True, append_images=others, resolution=DOTS, creationDate=None, modDate=None, quality=82
    )
    return out.getvalue()

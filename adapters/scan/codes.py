"""QR codes in pictures, by zxing-cpp.

In: a picture in grey. Out: texts. Knows no paper.
"""

from __future__ import annotations

from collections.abc import Iterator

import zxingcpp


def codes_in(picture: object) -> Iterator[str]:
    """What the QR codes (ISO/IEC 18004) of a picture say, turned or askew as it may lie."""
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    for binarizer in (zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram):
        found = zxingcpp.read_barcodes(picture, formats=formats, binarizer=binarizer)
        texts = dict.fromkeys(one.text for one in found if one.text)
        if texts:
            yield from texts
            return

"""QR codes by segno: the port `QrCode`.

In: a text. Out: an SVG document of one path, no script and no address. Knows no paper.
"""

from __future__ import annotations

import io

import segno


class SegnoQrCode:
    """QR codes of ISO/IEC 18004, error correction level M: a crease or a stamp over a sixth of it does no harm."""

    def svg(self, text: str) -> str:
        """An SVG document that scales to whatever box it is put in. Raises ValueError for an empty or too long text."""
        if not text:
            raise ValueError("a QR code needs a text")
        out = io.BytesIO()
        # segno.DataOverflowError is a ValueError.
        segno.make_qr(text, error="m", boost_error=False).save(
            out, kind="svg", border=4, xmldecl=False, omitsize=True, svgclass=None, lineclass=None, nl=False
        )
        return out.getvalue().decode("utf-8")

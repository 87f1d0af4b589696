"""PDFs joined into one with bookmarks, by pikepdf.

In: PDFs of our own making, bookmarks by page. Out: one PDF. The same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

import pikepdf


def join(parts: Sequence[bytes], marks: Sequence[tuple[str, int]], title: str) -> bytes:
    """The pages of all parts in order; a mark is a bookmark on a page from 0. Raises ValueError without parts."""
    if not parts:
        raise ValueError("nothing to join")
    with pikepdf.new() as joined:
        for part in parts:
            with pikepdf.open(io.BytesIO(part)) as source:
                joined.pages.extend(source.pages)
        with joined.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(text, page) for text, page in marks)
        joined.docinfo["/Title"] = title
        about = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts) + title.encode()).digest()[:16]
        joined.trailer["/ID"] = pikepdf.Array([pikepdf.String(about), pikepdf.String(about)])
        out = io.BytesIO()
        joined.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return out.getvalue()

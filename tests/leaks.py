"""Search bytes for planted markers, in every form that a leak could take. Markers are long, so chance never matches."""

import base64
from collections.abc import Iterable
from pathlib import Path

from ahocorasick_rs import BytesAhoCorasick


def forms(marker: str | bytes) -> set[bytes]:
    """The marker as it is, in UTF-8 and UTF-16, in hexadecimal, and in base64 at each of the three possible offsets."""
    plain = marker.encode() if isinstance(marker, str) else marker
    found = {plain}
    if isinstance(marker, str):
        found |= {marker.encode("utf-16-le"), marker.encode("utf-16-be")}
    found |= {plain.hex().encode(), plain.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + plain + b"\0\0")
        first = -(-before * 8 // 6)  # letters that encode a bit of what precedes the marker
        last = (before + len(plain)) * 8 // 6
        found.add(text[first:last])
    return found


def found_in[M: (str, bytes)](folders: Iterable[Path], markers: Iterable[M]) -> dict[M, set[str]]:
    """Marker -> names of the files that contain one of its forms."""
    known = [(form, marker) for marker in markers for form in forms(marker)]
    all_at_once = BytesAhoCorasick([form for form, _marker in known])  # reads a file once, not once for each form
    hits: dict[M, set[str]] = {}
    for path in (p for folder in folders for p in ([folder] if folder.is_file() else folder.rglob("*"))):
        data = path.read_bytes() if path.is_file() else b""
        for which, _start, _end in all_at_once.find_matches_as_indexes(data, overlapping=True):
            hits.setdefault(known[which][1], set()).add(path.name)
    return hits

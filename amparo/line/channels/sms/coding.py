"""Text in messages of SMPP 3.4: alphabets (GSM 03.38) and the header of long ones (3GPP TS 23.040, 9.2.3.24)."""

import unicodedata

from smpplib import consts, gsm

ESCAPE = 0x1B
CONCATENATED = {0x00: 1, 0x08: 2}  # element of the header -> bytes of its reference
HAS_HEADER = 0x40  # esm_class
IS_RECEIPT = 0x3C  # bits of esm_class that say: no message of a person


def text_of(raw: bytes, data_coding: int) -> str:
    """Return the text of a message or of a part. Bytes that cannot be read become a replacement character."""
    if data_coding == consts.SMPP_ENCODING_ISO10646:
        return raw.decode("utf-16-be", "replace")
    if data_coding == consts.SMPP_ENCODING_DEFAULT:
        return _from_gsm(raw)
    return raw.decode("ascii" if data_coding == consts.SMPP_ENCODING_IA5 else "iso-8859-1", "replace")


def part_of(message: bytes, esm_class: int) -> tuple[bytes, tuple[str, int, int] | None]:
    """Return the encoded text without its header; and for a part of a long message (reference, number, total parts).

    None instead: the message has one part.
    """
    if not esm_class & HAS_HEADER or not message or message[0] >= len(message):
        return message, None
    header, words = message[1 : message[0] + 1], message[message[0] + 1 :]
    while len(header) >= 2:
        kind, length = header[0], header[1]
        value, header = header[2 : 2 + length], header[2 + length :]
        bytes_of_reference = CONCATENATED.get(kind)
        if bytes_of_reference and len(value) == bytes_of_reference + 2:
            *reference, total, number = value
            if 1 <= number <= total and total > 1:
                return words, (bytes(reference).hex(), number, total)
    return words, None


def parts_to_send(text: str, reference: int) -> tuple[list[bytes], int, int]:
    """Split a text to send. Returns its encoded parts, and their data_coding and esm_class.

    The same text and `reference` give the same parts, so that a telephone shows the text once even if it comes twice.
    """
    parts, data_coding, esm_class = gsm.make_parts(text)
    if len(parts) > 1:
        parts = [part[:3] + bytes([reference & 0xFF]) + part[4:] for part in parts]
    return parts, data_coding, esm_class


def plain(text: str) -> str:
    """Return the text in the alphabet of GSM 03.38: "í" becomes "i", and what has no such letter becomes a space."""
    return "".join(each if each in gsm.GSM_CHARACTER_TABLE else _base_letter(each) for each in text)


def _base_letter(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[0]
    return base if base in gsm.GSM_CHARACTER_TABLE else " "


def _from_gsm(raw: bytes) -> str:
    letters, escaped = [], False
    for byte in raw:
        if byte == ESCAPE and not escaped:
            escaped = True
            continue
        place = (byte & 0x7F) + (0x80 if escaped else 0)
        letters.append(gsm.GSM_CHARACTER_TABLE[place] if place < len(gsm.GSM_CHARACTER_TABLE) else "�")
        escaped = False
    return "".join(letters)

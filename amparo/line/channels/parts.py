"""Long text messages arrive in parts, in any order. Each part is shown as soon as it arrives, at its place in the text.

The parts of a message are kept in the conversation's sealed envelope for a day.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from .channel import Arrival

PARTS = "parts"  # key in the envelope
LASTS = timedelta(days=1)  # after it a provider may use a reference again
MISSING = "[…]"

type Parts = dict[str, dict[str, Any]]  # reference -> id of our message, number of parts, their texts, when it began


def parts_of(envelope: dict[str, Any], now: datetime) -> Parts:
    """Return the long messages, by reference, that began in the last day and whose parts this envelope keeps."""
    found: Parts = envelope.get(PARTS, {})
    return {key: each for key, each in found.items() if now - datetime.fromisoformat(each["at"]) < LASTS}


def begin_parts(parts: Parts, arrival: Arrival, pk: uuid.UUID, now: datetime) -> None:
    """Add to `parts` a long message whose first part has arrived. `pk`: the id of our message, which shows its text."""
    assert arrival.part is not None
    reference, number, total = arrival.part
    texts = {str(number): arrival.text}
    parts[reference] = {"pk": str(pk), "total": total, "texts": texts, "at": now.isoformat()}


def join_part(parts: Parts, arrival: Arrival) -> tuple[uuid.UUID, str] | None:
    """Add a part to its long message in `parts`. Returns the id of our message and its text so far.

    The same part again changes nothing. None: no long message in `parts` fits, so this part begins one. None fits if
    the part came before with other words, or names another total.
    """
    assert arrival.part is not None
    reference, number, total = arrival.part
    known = parts.get(reference)
    if known is None or known["total"] != total or known["texts"].get(str(number), arrival.text) != arrival.text:
        return None
    known["texts"][str(number)] = arrival.text
    return uuid.UUID(known["pk"]), joined_text({int(key): text for key, text in known["texts"].items()}, total)


def joined_text(texts: dict[int, str], total: int) -> str:
    """Return the text of all parts in order. A sign stands for each part that has not arrived."""
    return "".join(texts.get(number, MISSING) for number in range(1, total + 1))

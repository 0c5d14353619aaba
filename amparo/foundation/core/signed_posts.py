"""Posts from program to program, signed as Standard Webhooks 1.0 says: HMAC-SHA256 over id, time and body."""

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)  # as in the libraries of the specification: an older post may be a replay


def signature(key: bytes, id: str, timestamp: int | str, body: bytes) -> str:
    signed_content = f"{id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed_content, "sha256")).decode()


def signed_headers(key: bytes, id: str, body: bytes, now: datetime) -> dict[str, str]:
    timestamp = int(now.timestamp())
    return {
        "webhook-id": id, "webhook-timestamp": str(timestamp), "webhook-signature": signature(key, id, timestamp, body),
    }  # fmt: skip


def is_signed(key: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures in `headers` was made with this key. There are several while a key is replaced."""
    ours = signature(key, headers.get("webhook-id", ""), headers.get("webhook-timestamp", ""), body).encode()
    return any(hmac.compare_digest(each.encode(), ours) for each in headers.get("webhook-signature", "").split(" "))


def is_recent(headers: Mapping[str, str], now: datetime) -> bool:
    """Whether the time in `headers` is at most five minutes before or after ours. False without a time."""
    timestamp = headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(int(timestamp) - now.timestamp()) <= TOLERANCE.total_seconds()

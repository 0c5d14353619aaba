"""What each public page may do in a browser; the rest is forbidden (CSP 3, Trusted Types, Permissions Policy; W3C)."""

from collections.abc import Collection

NOTHING = {"default-src": ["'none'"], "base-uri": ["'none'"], "form-action": ["'none'"], "frame-ancestors": ["'none'"]}
PAGE = {
    **NOTHING,
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["'none'"],  # no script of ours writes HTML
}
FORM = {**PAGE, "form-action": ["'self'"]}
CALL = {**PAGE, "connect-src": ["'self'"]}
CHAT = {**FORM, "connect-src": ["'self'"]}

# Features that Chromium 156 would otherwise allow. Left out: client hints, which browsers send only on request (ch-*),
# speech for screen readers (aria-notify), and what a call in a background window needs.
# fmt: off
FEATURES = [
    "accelerometer", "autoplay", "browsing-topics", "camera", "captured-surface-control", "clipboard-read",
    "clipboard-write", "compute-pressure", "cross-origin-isolated", "deferred-fetch", "deferred-fetch-minimal",
    "digital-credentials-create", "digital-credentials-get", "display-capture", "encrypted-media", "fullscreen",
    "gamepad", "geolocation", "gyroscope", "hid", "identity-credentials-get", "idle-detection", "interest-cohort",
    "keyboard-map", "language-detector", "language-model", "local-fonts", "magnetometer", "microphone", "midi",
    "on-device-speech-recognition", "otp-credentials", "payment", "picture-in-picture", "private-state-token-issuance",
    "private-state-token-redemption", "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock",
    "serial", "speaker-selection", "storage-access", "summarizer", "sync-xhr", "translator", "usb",
    "window-management", "xr-spatial-tracking",
]
# fmt: on


def content_security_policy(page: str | None, styles: Collection[str] = ()) -> dict[str, list[str]]:
    """The policy of a page, by its URL name (None: it does not exist), with the hashes of the styles within it."""
    found = {"call": CALL, "chat": CHAT, "again": FORM, "reply": FORM, "cover": NOTHING}.get(page or "", PAGE)
    return {**found, "style-src": [*found["style-src"], *sorted(styles)]} if styles else found


def permissions_policy(page: str | None, *, is_open_chat: bool = False) -> str:
    allowed = {"microphone", "autoplay"} if page == "call" or is_open_chat else set()
    return ", ".join(f"{feature}=({'self' if feature in allowed else ''})" for feature in FEATURES)

"""Session data of a complete sign-in, for tests that are not about signing in."""

import time


def full_session() -> dict[str, object]:
    now = time.time()
    return {"began_at": now, "seen_at": now, "proved_at": now, "second": True, "is_full": True}

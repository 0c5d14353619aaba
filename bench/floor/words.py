"""Lists of choices, each as long as Amparo's."""

from django.utils.translation import gettext_lazy as _


def _words(*names: str) -> list[tuple[str, object]]:
    return [(name, _(name.replace("_", " "))) for name in names]


SAFE = _words("yes", "no", "listened", "not_asked")
URGENCIES = _words("immediate", "urgent", "soon", "routine")
KINDS = _words("call", "visit", "ask", "document", "shelter", "review", "other")
ROLES = _words("self", "family", "friend", "neighbour", "worker", "police", "other", "unknown")
ENDINGS = _words(
    "crisis", "report", "assistance", "information", "prevention", "silent", "hang_up", "wrong_number", "test", "other"
)
PARTS = _words("at_risk", "caller", "perpetrator", "witness", "guardian")
CLOSINGS = _words(
    "safe", "returned", "handed_over", "withdrew", "lost", "elsewhere", "duplicate", "died", "closed_there"
)

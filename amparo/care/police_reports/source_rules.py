"""The source of a report, and what may be sent with it: each source has rules of its own, on one page.

A name is disclosed only by the consent of the person who bears it (IOM Data Protection Principles, 2009): the person at
risk for theirs, the caller for theirs. A tip may be anonymous, so it names nobody at all.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core.refusal import Refused

from .picklists import Source


@dataclass(frozen=True)
class SourceRule:
    """What a report from one source may or must contain."""

    may_name: bool  # only with the consent of the person named
    says_how: bool  # seen or heard
    says_where: bool
    words: str | Promise


RULES = {
    Source.VICTIM: SourceRule(True, False, False, gettext_lazy(
        "The person: each name goes only if the one who bears it agreed to that too."
    )),
    Source.WITNESS: SourceRule(True, True, False, gettext_lazy(
        "Somebody who saw or heard it: say which. The witness is named only if they agreed to that themselves."
    )),
    Source.THIRD_PARTY: SourceRule(False, True, True, gettext_lazy(
        "A tip: say where, and whether it was seen or heard. It names nobody."
    )),
}  # fmt: skip


def check_source_rule(source: Source, *, names: str, known_how: str, ubigeo: str) -> None:
    """Raise `Refused` if the report lacks what its source must say, or names somebody though it is a tip.

    `names`: the text of all items to disclose. `known_how`: seen or heard; blank if it is not known.
    """
    rule = RULES[source]
    if names.strip() and not rule.may_name:
        raise Refused(_("A tip names nobody. Send it without names."))
    if rule.says_how and not known_how:
        raise Refused(_("Say whether it was seen or heard."))
    if rule.says_where and not ubigeo:
        raise Refused(_("Say where it happens: of a tip nothing else leads there."))

"""What the bearer of a link may do without signing in: read what was agreed, and answer for the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.care.consent.picklists import Data
from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.fields import log_reads_together
from amparo.foundation.vault.key_access import has_key

from .forms import LinkAnswerForm
from .models import DisclosedItem, Referral, ReferralEvent
from .picklists import ANSWERS, OF_A_REFERRAL, SERVICE_EVENTS, DeclineReason, ReferralEventKind
from .rules import add_answer, link_actor


@dataclass(frozen=True)
class ReferralSheet:
    """What a service reads of a referral: the disclosed fields and the state. Nothing of the case."""

    code: str
    facts: str  # blank after a refusal: the service no longer reads about the person
    details: dict[Data, str]  # a missing item was not agreed to, or was withdrawn
    is_danger: bool
    sent_at: datetime
    answer_by: datetime
    events: list[tuple[ReferralEventKind, datetime]]  # past events
    next_kinds: list[ReferralEventKind]  # the events that may be added now

    @property
    def disclosed(self) -> list[tuple[str, str]]:
        """The disclosed items besides the facts, in reading order."""
        return [(str(data.label), self.details[data]) for data in OF_A_REFERRAL if data in self.details]

    @property
    def left_out(self) -> str:
        """The names of the items that are not disclosed."""
        return ", ".join(str(data.label) for data in OF_A_REFERRAL if data not in self.details)

    @property
    def happened(self) -> list[tuple[str, datetime]]:
        return [(str(SERVICE_EVENTS[kind]), at) for kind, at in self.events]

    @property
    def next(self) -> list[tuple[str, str]]:
        return [(kind.value, str(SERVICE_EVENTS[kind])) for kind in self.next_kinds]

    @property
    def can_decline(self) -> bool:
        return ReferralEventKind.DECLINED in self.next_kinds


def open_link(acting: Actor, now: datetime) -> ReferralSheet:
    """Return what the link opens, and log it. Raises `Refused` if it opens nothing.

    The message of the refusal is the same for every reason.
    """
    with acting_as(acting):
        referral = _opened_referral(acting)
        append("open_link", f"referral {referral.pk}", key=referral.key_id)
        return sheet_of(referral, acting)


label_verb("open_link", gettext_lazy("opened the link"))


def sheet_of(referral: Referral, acting: Actor) -> ReferralSheet:
    """Return what the service may read, by its link or as its program."""
    events = list(ReferralEvent.objects.filter(referral=referral).order_by("at", "pk").values_list("kind", "at"))
    kinds, facts, details = {ReferralEventKind(kind) for kind, _at in events}, "", {}
    if ReferralEventKind.DECLINED not in kinds:
        items = DisclosedItem.objects.filter(has_key(acting), referral=referral)
        items = items.only("referral", "key", "data", "words")
        log_reads_together(referral, [referral])
        facts, details = referral.facts, {Data(it.data): it.words for it in items}
    return ReferralSheet(
        referral.code, facts, details, referral.is_danger, referral.sent_at, referral.answer_by,
        [(ReferralEventKind(kind), at) for kind, at in events if kind in SERVICE_EVENTS], _possible_answers(kinds),
    )  # fmt: skip


def answer_by_link(acting: Actor, kind: ReferralEventKind, *, why_not: str | None, words: str, now: datetime) -> None:
    """Record the answer that the service gives by its link."""
    with acting_as(acting):
        referral = _opened_referral(acting)
        add_answer(referral, kind, words=words, why_not=why_not, by=None, now=now)
        append("answer_by_link", f"referral {referral.pk}", key=referral.key_id)


label_verb("answer_by_link", gettext_lazy("answered by the link"))


@dataclass(frozen=True)
class LinkResponse:
    """What the page of a link shows after a request."""

    sheet: ReferralSheet | None  # None: the link opens nothing
    secret: str
    done: bool = False
    refusal: str = ""
    words: str = ""  # text typed and not saved yet
    why_not: str = ""

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return DeclineReason.offered()

    @property
    def status(self) -> int:
        return 422 if self.refusal else 200


def public_part_of_link(sent: Any) -> str:
    """Return the part of the link that is no secret: requests are throttled by it."""
    return link_actor(str(sent.get("secret", ""))).role


def refuse_link_request(sent: Any, refusal: str) -> LinkResponse:
    """Refuse a request without looking the link up, and keep the typed text."""
    return LinkResponse(
        None, str(sent.get("secret", ""))[:80], refusal=refusal,
        words=str(sent.get("words", "")), why_not=str(sent.get("why_not", "")),
    )  # fmt: skip


def handle_link_request(sent: Any, now: datetime) -> LinkResponse:
    """Record the answer if the request has one, then return what the page shows."""
    secret = str(sent.get("secret", ""))[:80]
    acting, form, refusal, done = link_actor(secret), LinkAnswerForm(sent), "", False
    try:
        if sent.get("kind"):
            done, refusal = _record_answer(acting, form, now)
        sheet = open_link(acting, now)
    except Refused as reason:
        return LinkResponse(None, secret, refusal=str(reason))
    kept = {} if done else {"words": str(sent.get("words", "")), "why_not": str(sent.get("why_not", ""))}
    return LinkResponse(sheet, secret, done, refusal, **kept)


def _record_answer(acting: Actor, form: LinkAnswerForm, now: datetime) -> tuple[bool, str]:
    if not form.is_valid():
        return False, _("That was too long, or unreadable. Choose again.")
    typed = form.cleaned_data
    why_not = typed["why_not"] if typed["kind"] == ReferralEventKind.DECLINED and typed["why_not"] else None
    try:
        answer_by_link(acting, ReferralEventKind(typed["kind"]), why_not=why_not, words=typed["words"], now=now)
    except Refused as reason:
        return False, str(reason)
    return True, ""


def _opened_referral(acting: Actor) -> Referral:
    columns = ("pk", "number", "key", "facts", "is_danger", "sent_at", "answer_by")
    found = Referral.objects.filter(has_key(acting)).only(*columns).first()
    if found is None:
        raise Refused(_("This link opens nothing, or nothing any more. Ask the line that gave it to you."))
    return found


def _possible_answers(before: set[ReferralEventKind]) -> list[ReferralEventKind]:
    """Return the events that the service may add after these."""
    if before & {ReferralEventKind.DECLINED, ReferralEventKind.CANCELLED}:
        return []
    if ReferralEventKind.ACCEPTED not in before:
        return list(ANSWERS)
    return [kind for kind in (ReferralEventKind.ARRIVED, ReferralEventKind.SERVED) if kind not in before]

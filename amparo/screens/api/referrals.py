"""What services of an institution are asked, for its programs: what a link shows and lets say, by the same verbs."""

from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from amparo.care.referrals.asking import Referral, ReferralEvent, state_of
from amparo.care.referrals.by_link import sheet_of
from amparo.care.referrals.forms import ByLinkForm
from amparo.care.referrals.picklists import DeclineReason, ReferralEventKind
from amparo.care.referrals.referring import answer_referral
from amparo.foundation.access import permissions
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import why

from .authentication import programs
from .requests import LARGEST, OF_ALL, SHOWN, Key, do_once, fitting, who
from .schemas import Answered, Asked, AskedLines, Said

router = Router()


@router.get("", response={200: AskedLines, **OF_ALL}, summary="What your services are asked")
@programs(permissions.answer_referrals)
def referrals(request: HttpRequest, before: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST) -> dict[str, Any]:
    """The newest first, a hundred at a time. It opens none of them."""
    found = list(_of(request).filter(number__lt=before).defer("facts").order_by("-number")[: SHOWN + 1])
    more = found[SHOWN - 1].number if len(found) > SHOWN else None
    return {"referrals": [_line(it) for it in found[:SHOWN]], "before": more}


@router.get("/{uuid:pk}", response={200: Asked, **OF_ALL}, summary="One")
@programs(permissions.answer_referrals)
def referral(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """What she agreed that you are told, and what has happened. That you read it is written down."""
    it = _one(request, pk)
    sheet = sheet_of(it, who(request).acting())
    return {
        **_line(it), "facts": sheet.facts, "details": sheet.details, "next": sheet.said_next,
        "turns": [{"kind": kind, "at": at} for kind, at in sheet.turns],
    }  # fmt: skip


@router.post("/{uuid:pk}/answers", response={200: Said, **OF_ALL}, summary="Answer, or say what came of it")
@programs(permissions.answer_referrals)
def answer(request: HttpRequest, pk: UUID, typed: Answered, key: Key) -> dict[str, Any]:
    """First that you take her or do not, and why not; then that she arrived, and that she got what she was sent for."""
    it, said, by = _one(request, pk), fitting(ByLinkForm, typed), who(request)
    kind, why_not = ReferralEventKind(said["kind"]), DeclineReason(said["why_not"]) if said["why_not"] else None

    def do() -> dict[str, Any]:
        return _kept(answer_referral(it, kind, words=said["words"], why_not=why_not, by=by, now=timezone.now()))

    return do_once(request, key, do)


def _of(request: HttpRequest) -> QuerySet[Any]:
    return Referral.objects.visible_to(who(request)).with_state(timezone.now())


def _one(request: HttpRequest, pk: UUID) -> Any:
    said = why(who(request), timezone.now())
    it = get_object_or_404(_of(request).select_related("key").annotate(said=said), pk=pk)
    if it.said != "":  # a program cannot say why it opens what was closed long ago
        raise Refused(_("It was closed long ago. Ask the line for a link."))
    return it


def _line(it: Any) -> dict[str, Any]:
    names = ("id", "code", "number", "is_danger", "sent_at", "answer_by")
    return {name: getattr(it, name) for name in names} | {"service": it.service_id, "state": state_of(it)}


def _kept(turn: ReferralEvent) -> dict[str, Any]:
    """As JSON that is kept a day: no words."""
    return {
        "id": str(turn.pk), "kind": str(turn.kind), "why_not": str(turn.why_not) or None, "at": turn.at.isoformat()
    }  # fmt: skip

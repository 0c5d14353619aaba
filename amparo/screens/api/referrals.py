"""Referrals to the services of an institution, for its programs: what a link shows and allows, by the same verbs."""

from typing import Annotated, Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from amparo.care.referrals.by_link import sheet_of
from amparo.care.referrals.forms import LinkAnswerForm
from amparo.care.referrals.models import Referral, ReferralEvent, state_of
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.care.referrals.rules import answer_referral
from amparo.foundation.access import permissions
from amparo.foundation.core.refusal import Refused
from amparo.foundation.oversight.openings import purpose_of_reading

from .authentication import for_programs
from .requests import LARGEST, OF_ALL, SHOWN, Key, cleaned_by, do_once, program_user
from .schemas import AnswerAdded, AnswerIn, ReferralDetail, ReferralPage

router = Router()


@router.get("", response={200: ReferralPage, **OF_ALL}, summary="What your services are asked")
@for_programs(permissions.answer_referrals)
def referrals(request: HttpRequest, before: Annotated[int, Query(ge=1, le=LARGEST)] = LARGEST) -> dict[str, Any]:
    """The newest first, a hundred at a time. Listing opens none of them."""
    found = list(_visible_referrals(request).filter(number__lt=before).defer("facts").order_by("-number")[: SHOWN + 1])
    more = found[SHOWN - 1].number if len(found) > SHOWN else None
    return {"referrals": [_list_item(referral) for referral in found[:SHOWN]], "before": more}


@router.get("/{uuid:pk}", response={200: ReferralDetail, **OF_ALL}, summary="One")
@for_programs(permissions.answer_referrals)
def referral(request: HttpRequest, pk: UUID) -> dict[str, Any]:
    """What the person agreed to disclose to you, and what has happened. Reading it is logged."""
    referral = _referral_or_404(request, pk)
    sheet = sheet_of(referral, program_user(request).acting())
    return {
        **_list_item(referral), "facts": sheet.facts, "details": sheet.details, "next": sheet.next_kinds,
        "events": [{"kind": kind, "at": at} for kind, at in sheet.events],
    }  # fmt: skip


@router.post("/{uuid:pk}/answers", response={200: AnswerAdded, **OF_ALL}, summary="Answer, or say what came of it")
@for_programs(permissions.answer_referrals)
def answer(request: HttpRequest, pk: UUID, typed: AnswerIn, key: Key) -> dict[str, Any]:
    """First accept or decline, with a reason; later report that the person arrived, and that they were served."""
    referral, cleaned, by = _referral_or_404(request, pk), cleaned_by(LinkAnswerForm, typed), program_user(request)
    kind, why_not = ReferralEventKind(cleaned["kind"]), cleaned["why_not"] or None

    def do() -> dict[str, Any]:
        return _storable_answer(
            answer_referral(referral, kind, words=cleaned["words"], why_not=why_not, by=by, now=timezone.now())
        )

    return do_once(request, key, do)


def _visible_referrals(request: HttpRequest) -> QuerySet[Any]:
    return Referral.objects.visible_to(program_user(request)).with_state(timezone.now())


def _referral_or_404(request: HttpRequest, pk: UUID) -> Any:
    reason = purpose_of_reading(program_user(request), timezone.now())
    referral = get_object_or_404(_visible_referrals(request).select_related("key").annotate(reason=reason), pk=pk)
    if referral.reason != "":  # a program cannot give a reason for opening a referral that was closed long ago
        raise Refused(_("It was closed long ago. Ask the line for a link."))
    return referral


def _list_item(referral: Any) -> dict[str, Any]:
    names = ("id", "code", "number", "is_danger", "sent_at", "answer_by")
    return {name: getattr(referral, name) for name in names} | {
        "service": referral.service_id,
        "state": state_of(referral),
    }


def _storable_answer(turn: ReferralEvent) -> dict[str, Any]:
    """Return the response as JSON values, without any text that people wrote.

    It is stored for a day, in case the program repeats its request.
    """
    return {
        "id": str(turn.pk), "kind": str(turn.kind), "why_not": str(turn.why_not) or None, "at": turn.at.isoformat()
    }  # fmt: skip

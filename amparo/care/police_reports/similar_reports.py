"""Earlier reports with the same place, telephone, plate or nickname, found by keyed tokens."""

import re
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from amparo.foundation.access.models import User
from amparo.foundation.vault import tokens
from amparo.foundation.vault.models import DataKey, Token

from .models import Report

MOST = 10  # shown of each kind: by trace and by place


def index_traces(key: DataKey, traces: str) -> None:
    """Make the report under this key findable by each of the `traces`, which commas separate.

    A trace with digits is a telephone or, if it has letters too, a plate. Any other trace is a nickname.
    """
    for kind, traces_of_kind in _traces_by_kind(traces):
        tokens.store_tokens(key, kind, *traces_of_kind)


def similar_reports(report: Report, user: User) -> list[tuple[Report, str]]:
    """Return other reports that this user may see, each with what it has in common with this one.

    Reports with a common telephone, plate or nickname come first, then those of the same place.
    """
    own_tokens = Token.objects.filter(key=report.key_id).values("token")
    keys = Token.objects.filter(token__in=own_tokens).exclude(key=report.key_id).values("key")
    return _others_alike(report, keys, user)


def similar_to_draft(report: Report, user: User) -> list[tuple[Report, str]]:
    """Return reports similar to one that is not sent yet, each with what it has in common with this one."""
    would_be = [
        tokens.tokens_of(kind, *traces_of_kind, agency=user.agency.pk)
        for kind, traces_of_kind in _traces_by_kind(report.traces or "")
    ]
    return _others_alike(report, Token.objects.filter(token__in=set().union(*would_be)).values("key"), user)


def _others_alike(report: Report, keys: QuerySet[Any], user: User) -> list[tuple[Report, str]]:
    """Return the other reports under these keys, then those of the same place.

    Each of the two has its own limit: hundreds of reports of one place must not hide one with the same plate.
    """
    others = Report.objects.visible_to(user).with_events().exclude(pk=report.pk).select_related("to_agency")
    newest = others.defer("facts", "traces").order_by("-sent_at")
    traced = newest.filter(key__in=keys)[:MOST]
    there = newest.filter(ubigeo=report.ubigeo).exclude(key__in=keys)[:MOST] if report.ubigeo else newest.none()
    words = ((traced, _("the same telephone, plate or nickname")), (there, _("the same place")))
    return [(other, why) for found, why in words for other in found]


def _traces_by_kind(traces: str) -> list[tuple[Token.Kind, list[str]]]:
    parts = [each.strip() for each in re.split(r"[,;\n]", traces) if each.strip()]
    kinds = (Token.Kind.NUMBER, Token.Kind.PLATE, Token.Kind.NAME)
    return [(kind, [each for each in parts if _kind_of_trace(each) == kind]) for kind in kinds]


def _kind_of_trace(trace: str) -> Token.Kind:
    has_letters, digits = any(c.isalpha() for c in trace), sum(c.isdigit() for c in trace)
    if digits and not has_letters:
        return Token.Kind.NUMBER
    return Token.Kind.PLATE if digits else Token.Kind.NAME

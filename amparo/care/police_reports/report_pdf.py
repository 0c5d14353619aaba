"""A police report as PDF: the same words as its page."""

import io
from collections.abc import Iterable
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from amparo.care.disclosures.rules import names_of_left_out
from amparo.foundation.core.paper import HEADING, LINE, MARGIN, NO_SIGN, PLAIN, SMALL, TITLE, printable

from .models import Report, ReportDetail, ReportEvent
from .picklists import OF_A_REPORT


def report_as_pdf(report: Report, details: list[ReportDetail], steps: Iterable[ReportEvent]) -> bytes:
    """Return the report's page as PDF. The file does not say who made it."""
    paper = io.BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    document = SimpleDocTemplate(paper, pagesize=A4, title=report.code, author="", invariant=True, **margins)
    words = [*_head(report), *_facts(report, details), *_history(steps)]
    if any(NO_SIGN in it.text for it in words if isinstance(it, Paragraph)):
        words += _user_text(
            _("%(sign)s: a sign that paper cannot show; the page of the report does.") % {"sign": NO_SIGN}, SMALL
        )
    document.build(words, onFirstPage=_draw_foot, onLaterPages=_draw_foot)
    return paper.getvalue()


def _head(report: Report) -> list[Flowable]:
    danger = f" · {_('Danger')}" if report.is_danger else ""
    sent = f"{_('Sent to')} {report.to_agency}, {_moment_in_words(report.sent_at)} · {_source_in_words(report)}"
    return [*_user_text(f"{_('Police report')} {report.code}{danger}", TITLE), *_user_text(sent)]


def _facts(report: Report, details: list[ReportDetail]) -> list[Flowable]:
    until = date_format(localtime(report.until))
    basis = f"{report.get_because_display()} ({report.policy_name}), {_('until')} {until}"
    facts = [
        (_("Where"), report.place or _("not known")),
        (_("Telephones, plates, nicknames"), report.traces or _("not known")),
        *((_with_capital(it.get_data_display()), it.words) for it in details),
        (_("Not told"), names_of_left_out(details, OF_A_REPORT) or "—"),
        (_("Basis"), basis),
    ]
    rows = [Paragraph(f"<b>{printable(name)}:</b> {printable(value)}", PLAIN) for name, value in facts]
    return [*_user_text(_("The facts"), HEADING), *_user_text(report.facts), Spacer(1, 2 * mm), *rows]


def _with_capital(label: str) -> str:
    return label[:1].upper() + label[1:]


def _source_in_words(report: Report) -> str:
    return ", ".join(filter(None, [str(report.get_source_display()), str(report.get_known_how_display())]))


def _history(steps: Iterable[ReportEvent]) -> list[Flowable]:
    lines = [line for it in steps for line in _user_text(" ".join(filter(None, _event_in_words(it))))]
    return [*_user_text(_("History"), HEADING), *(lines or _user_text(_("Sent; nothing since.")))]


def _event_in_words(step: ReportEvent) -> list[str | None]:
    may_tell = f"{_('May be told back')}: «{step.may_tell}»" if step.may_tell else None
    return [
        f"{_moment_in_words(step.at)}: {_kind_in_words(step)}.",
        step.words,
        may_tell,
        f"({step.by}, {step.by.agency})",
    ]


def _kind_in_words(step: ReportEvent) -> str:
    decision = f": {step.get_decision_display()}" if step.decision else ""
    return f"{step.get_kind_display()}{decision}"


def _moment_in_words(at: Any) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")


def _user_text(text: Any, style: ParagraphStyle = PLAIN) -> list[Flowable]:
    """Return text that users wrote, as paragraphs; it is never parsed as markup.

    Each line is a paragraph of its own: layout time grows with the square of a paragraph's lines.
    """
    *lines, last = str(text).splitlines() or [""]
    above = [Paragraph(printable(line), LINE) if line.strip() else Spacer(1, LINE.leading) for line in lines]
    return [*above, Paragraph(printable(last), style)]


def _draw_foot(page: Any, document: Any) -> None:
    mark = f" · {_('Demonstration: demo data')}" if settings.ENVIRONMENT.demo else ""
    foot = Paragraph(escape(_("Use it for what it was sent for, and for nothing else.") + mark), SMALL)
    foot.wrapOn(page, document.width, MARGIN)
    foot.drawOn(page, document.leftMargin, 10 * mm)

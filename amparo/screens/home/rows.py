"""The lines of a home's list: what waits, why it matters, by when, and where to do it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from amparo.care.cases.models import Case, CaseQuerySet, HandOver, code_names
from amparo.care.consent.models import DisclosureBasis
from amparo.care.police_reports.models import Escalation, Report
from amparo.care.shelters.board import PlacementRow
from amparo.foundation.access.models import User
from amparo.foundation.core.dates import midnight
from amparo.foundation.oversight.models import Alert
from amparo.line.contacts.models import DataSubjectRequest, Debrief, ReturnCodeMessage
from amparo.line.knowledge.models import Article, ArticleVersion, preferred_versions
from amparo.line.quality.models import Sample
from amparo.line.roster.models import RingingRules, ShiftOffer
from amparo.line.roster.rules import hours_in_words, newly_uncovered
from amparo.programme.events.models import Pledge, TestimonyPermission
from amparo.programme.news.models import Note
from amparo.programme.plan.models import Comment, Indicator, Publication
from amparo.programme.plan.picklists import Light
from amparo.programme.texts.models import Version
from amparo.programme.texts.picklists import State as TextState
from amparo.screens.desk import other_work, queue

AT_MOST = 40  # rows of one kind: nobody would read more
COMMENTS = 10  # lines of the plan with comments
SOON = timedelta(hours=2)
NEWS = timedelta(days=3)  # how long a home shows an ended offer; later only the page of shifts does
OPEN = pgettext_lazy("a record", "Open")


@dataclass(frozen=True)
class Row:
    """Something that waits: by when, why it matters, and where to do it."""

    title: str
    why: str
    address: str
    action: str | Promise
    due: datetime | None = None
    since: datetime | None = None  # for what has no deadline
    icon: str = "next"

    @property
    def is_new(self) -> bool:
        """Whether it has waited for less than a minute."""
        return self.since is not None and timezone.now() - self.since < timedelta(minutes=1)

    @property
    def is_soon(self) -> bool:
        return self.due is not None and self.due - timezone.now() <= SOON


def cases(found: CaseQuerySet) -> Iterable[Row]:
    """A row for each case, with its next task, in the order of the queryset."""
    listed = list(found.select_related("next_task")[:AT_MOST])
    names = code_names(listed)
    for case in listed:
        task = capfirst(case.next_task.get_kind_display()) if case.next_task else case.code
        name = names.get(case.key_id)
        why = ", ".join(filter(None, [f"«{name}» {case.code}" if name else case.code, case.get_urgency_display()]))
        yield Row(task, why, reverse("case", args=[case.pk]), OPEN, case.next_due, icon="folder")


def handed_over(user: User) -> Iterable[Row]:
    for note in HandOver.objects.handed_over_to(user).select_related("case", "written_by").distinct()[:AT_MOST]:
        why = _("%(who)s handed over %(code)s.") % {"who": note.written_by, "code": note.case.code}
        yield Row(_("Read the hand-over"), why, reverse("case", args=[note.case_id]), _("Read"), since=note.written_at)


def calls_to_return(user: User, backs: list[queue.CallBack]) -> Iterable[Row]:
    """Calls to return: those given to this user, and those that nobody has been given."""
    for back in [it for it in backs if it.given_to in (None, user)][:AT_MOST]:
        title = _("Call back, %(code)s") % {"code": back.card.contact_code} if back.card else _("Listen to a message")
        yield Row(title, back.why_not or _("They may be called now."), reverse("console"), _("Console"), back.next_at)


def questions(user: User) -> Iterable[Row]:
    for report in other_work.questions_of_units(user):
        why = _("%(unit)s asks about %(code)s.") % {"unit": report.to_agency, "code": report.code}
        yield Row(
            _("Answer the unit's question"), why, reverse("report", args=[report.pk]), _("Reply"), since=report.sent_at
        )


def code_messages() -> Iterable[Row]:
    number = ReturnCodeMessage.objects.waiting().count()
    if number:
        why = ngettext("%(n)s message with a return code", "%(n)s messages with return codes", number) % {"n": number}
        yield Row(_("Read what people left with their code"), why, reverse("return-codes"), _("Read"), icon="key")


def uncovered_times(now: datetime) -> Iterable[Row]:
    """Times to come that no certified person covers, though somebody was planned for them."""
    rules = RingingRules.current()
    gaps = newly_uncovered(now, rules)[:AT_MOST]
    if rules.by_certificate:
        title, why = (
            _("Nobody certified is on the line: %(hours)s"),
            _("Plan somebody certified for it, or call somebody in."),
        )
    else:
        title, why = _("Nobody is on the line: %(hours)s"), _("Plan somebody for it, or call somebody in.")
    for gap in gaps:
        address = f"{reverse('roster')}?day={timezone.localdate(gap.start)}"
        yield Row(title % {"hours": hours_in_words(gap)}, why, address, OPEN, gap.start, icon="danger")


def lost_offers(user: User, now: datetime) -> Iterable[Row]:
    """One's own shifts whose offer to colleagues ended in the last days because a supervisor changed the hours."""
    lost = ShiftOffer.objects.lost_by(user, now).filter(withdrawn_at__gt=now - NEWS)
    for offer in lost.select_related("shift")[:AT_MOST]:
        start = timezone.localtime(offer.shift.starts_at)
        title = _("Your shift on offer has other hours now: %(start)s") % {"start": date_format(start, "l j, H:i")}
        why = _("So your offer to colleagues was withdrawn. Offer it again if you still wish.")
        yield Row(title, why, f"{reverse('roster')}?day={start.date()}", OPEN, start, icon="calendar")


def bases(user: User, bases: list[DisclosureBasis]) -> Iterable[Row]:
    codes = dict(
        Case.objects.visible_to(user).filter(key__in=[basis.key_id for basis in bases]).values_list("key", "number")
    )
    for basis in bases:
        why = f"{capfirst(basis.get_kind_display())}, L-{codes.get(basis.key_id, '')}"
        yield Row(
            _("Review what was shared without consent"), why, reverse("bases"), _("Review"), basis.review_by, icon="eye"
        )


def escalations() -> Iterable[Row]:
    for escalation in Escalation.objects.waiting().select_related("to_agency")[:AT_MOST]:
        why = f"{escalation.code}: {escalation.get_late_display()}"
        title = _("Call %(unit)s") % {"unit": escalation.to_agency}
        yield Row(title, why, reverse("reports"), OPEN, escalation.at, icon="phone")


def articles(user: User, today: date) -> Iterable[Row]:
    """Articles whose review is due, one's own first."""
    due = ArticleVersion.objects.current().filter(article__in=Article.objects.to_review(today))
    for version in preferred_versions(list(due.select_related("article__owner"))):
        article = version.article
        is_own = article.owner_id == user.pk
        why = _("It is yours.") if is_own else _("%(who)s owns it.") % {"who": article.owner}
        title = _("Review the article “%(title)s”") % {"title": version.title}
        yield Row(
            title, why, reverse("article", args=[article.pk]), _("Review"), end_of_day(article.review_on), icon="note"
        )


def data_requests() -> Iterable[Row]:
    for data_request in DataSubjectRequest.objects.waiting()[:AT_MOST]:
        yield Row(
            capfirst(data_request.get_right_display()),
            data_request.contact_code,
            reverse("requests"),
            _("Reply"),
            end_of_day(data_request.due_on),
            icon="seal",
        )


def alerts(user: User) -> Iterable[Row]:
    for alert in Alert.objects.visible_to(user).waiting().select_related("about")[:AT_MOST]:
        yield Row(
            str(alert.about), alert.get_kind_display(), reverse("alerts"), _("Reply"), since=alert.at, icon="bell"
        )


def hard_calls(user: User) -> Iterable[Row]:
    for contact in other_work.hard_calls(user):
        why = f"{contact.code}, {contact.get_hard_call_display()}"
        yield Row(
            _("Talk with %(who)s") % {"who": contact.operator},
            why,
            reverse("console"),
            _("Console"),
            since=contact.started,
        )


def debriefs(user: User, now: datetime) -> Iterable[Row]:
    """Talks that are offered to this user after hard contacts."""
    for debrief in Debrief.objects.offered(now).filter(operator=user)[:AT_MOST]:
        title, why = (
            _("A talk is offered to you"),
            _("After %(code)s. You may decline.") % {"code": debrief.contact_code},
        )
        yield Row(title, why, reverse("wellbeing"), OPEN, since=debrief.offered_at, icon="people")


def feedback(user: User) -> Iterable[Row]:
    """Feedback on this user's own conversations that they have not answered."""
    for sample in Sample.objects.to_answer(user).select_related("contact")[:AT_MOST]:
        why = _("%(code)s: you read it first.") % {"code": sample.contact.code}
        address = reverse("quality-sample", args=[sample.pk])
        yield Row(
            _("Read the feedback on your conversation"), why, address, _("Read"), since=sample.ready_at, icon="chat"
        )


def samples(number: int) -> Iterable[Row]:
    """The conversations that somebody reviews, as one line."""
    why = ngettext("%(n)s conversation was drawn.", "%(n)s conversations were drawn.", number) % {"n": number}
    yield Row(_("Review the quality of conversations"), why, reverse("quality"), _("Review"), icon="list")


def placement(row: PlacementRow, title: str, action: str | Promise) -> Row:
    why = ", ".join(filter(None, [str(row.placement.house), *(f"«{name}»" for name in row.names), row.code]))
    return Row(
        title, why, reverse("placement", args=[row.placement.pk]), action, row.until, row.placement.reserved_at, "bed"
    )


def arrival(row: PlacementRow) -> Row:
    why = ", ".join(f"«{name}»" for name in row.names)
    return Row(_("They are on their way"), why, reverse("house"), OPEN, row.until, icon="house")


def texts_to_review(found: Iterable[Version]) -> Iterable[Row]:
    """Texts of colleagues for the public pages, to review."""
    for text in found:
        title = _("Review the text of “%(page)s”") % {"page": text.get_page_display()}
        why = f"{text.written_by}, {text.get_language_display()}"
        address = reverse("text", args=[text.page, text.language])
        yield Row(title, why, address, _("Review"), since=text.written_at, icon="eye")


def returned_texts(user: User) -> Iterable[Row]:
    """Texts for the public pages that a publisher returned to this user, who wrote them."""
    for text in Version.objects.newest().filter(state=TextState.RETURNED, written_by=user)[:AT_MOST]:
        title = _("Correct the text of “%(page)s”") % {"page": text.get_page_display()}
        why = f"{text.get_language_display()}: {text.remark}"
        yield Row(
            title, why, reverse("text", args=[text.page, text.language]), OPEN, since=text.decided_at, icon="back"
        )


def notes_to_review(user: User) -> Iterable[Row]:
    """Drafts of colleagues' notes for the press, to publish."""
    drafts = Note.objects.drafts_of_others(user).select_related("drafted_by").order_by("drafted_at")
    for note in drafts[:AT_MOST]:
        title, why = _("Review the note “%(title)s”") % {"title": note}, str(note.drafted_by)
        yield Row(title, why, reverse("note", args=[note.pk]), _("Review"), since=note.drafted_at, icon="eye")


def plans_to_show(user: User) -> Iterable[Row]:
    """Plans that colleagues proposed to show to everybody: to read, and to show or refuse."""
    found = Publication.objects.proposed_by_others(user).with_people().order_by("pk")
    for it in found[:AT_MOST]:
        title, why = _("Read the plan “%(title)s” before anyone can") % {"title": it.plan}, str(it.proposed_by)
        yield Row(title, why, reverse("plan-publication", args=[it.pk]), _("Review"), since=it.proposed_at, icon="eye")


def pledges(found: Iterable[Pledge]) -> Iterable[Row]:
    for pledge in found:
        due = end_of_day(pledge.due) if pledge.due else None
        yield Row(pledge.text, pledge.made_by, reverse("event", args=[pledge.event_id]), OPEN, due, icon="calendar")


def ending_permissions(found: Iterable[TestimonyPermission]) -> Iterable[Row]:
    """A row for each permission to publish a survivor's testimony that ends soon."""
    for permission in found:
        event = permission.testimony.event
        why = ", ".join(filter(None, [str(event or ""), str(permission.get_outlet_display())]))
        address = reverse("event", args=[event.pk]) if event else reverse("testimonies")
        yield Row(_("A permission for a testimony ends"), why, address, OPEN, end_of_day(permission.until), icon="seal")


def indicator(indicator: Indicator, light: Light, as_of: date | None) -> Row:
    """A row for an indicator of the plan that is far behind, or has had no fresh value since `as_of` (None: never)."""
    why = f"{indicator.number}, {indicator.responsible}: {light.label}"
    address = reverse("node", args=[indicator.node_id])
    if light != Light.GREY:
        return Row(indicator.text, why, address, OPEN, end_of_day(indicator.due_on), icon="chart")
    if indicator.measure:  # it fills itself: nobody reports it
        return Row(indicator.text, why, address, OPEN, icon="chart")
    since = end_of_day(as_of) if as_of else None
    return Row(indicator.text, why, _address_of_form(indicator), _("Report a value"), since=since, icon="chart")


def asked_value(indicator: Indicator) -> Row:
    """A row for a value that a data call asks of the institution, due on the last day of the call."""
    why = _("%(number)s: the data call asks for it.") % {"number": indicator.number}
    return Row(
        indicator.text,
        why,
        _address_of_form(indicator),
        _("Report a value"),
        end_of_day(indicator.asked_until),
        icon="chart",
    )


def _address_of_form(indicator: Indicator) -> str:
    """The address of the open form for a value of this indicator. A fragment would switch its autofocus off."""
    return f"{reverse('node', args=[indicator.node_id])}?report={indicator.pk}"


def comments(found: list[Comment]) -> Iterable[Row]:
    """A row for each line of the plan with comments to read. `found` has the newest comment of each line.

    After `COMMENTS` rows, one more leads to the plan's page, which lists them all.
    """
    for comment in found[:COMMENTS]:
        title = _("Read the comments on line %(line)s") % {"line": comment.node}
        why = f"{comment.author}, {comment.author.agency}"
        address = f"{reverse('node', args=[comment.node_id])}#comments"
        yield Row(title, why, address, _("Read"), since=comment.written_at, icon="chat")
    for comment in found[COMMENTS : COMMENTS + 1]:
        more = len(found) - COMMENTS
        title = ngettext("Read the comments on %(n)d more line", "Read the comments on %(n)d more lines", more)
        address = f"{reverse('plan', args=[comment.node.plan_id])}#commented"
        yield Row(
            title % {"n": more}, str(comment.node.plan), address, _("Read"), since=comment.written_at, icon="chat"
        )


def end_of_day(day: date) -> datetime:
    return midnight(day) + timedelta(days=1, seconds=-1)


def report(report: Report) -> Row:
    received = getattr(report, "received_at", None)
    title = _("Decide on %(code)s") if received else _("Confirm that %(code)s arrived")
    why = _("Danger") if report.is_danger else capfirst(report.state_in_words)
    due = report.decide_by if received else report.receive_by
    return Row(
        title % {"code": report.code},
        why,
        reverse("report", args=[report.pk]),
        OPEN,
        due,
        icon="shield",
    )

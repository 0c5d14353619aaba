"""The house learns who comes; it gets the risk briefing only while each person whom it concerns agrees."""

from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.care.cases import consents
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.picklists import Data, Guardian, InformedItem, Recipient
from amparo.care.consent.picklists import LegalBasis as Because
from amparo.care.shelters import risk_briefing
from amparo.care.shelters.models import Placement, RiskBriefingShare
from amparo.care.shelters.rules import (
    approve_placement,
    arrive,
    hold_bed,
    leave_house,
    request_placement,
    send_risk_briefing,
)
from amparo.care.shelters.tests.conftest import at_risk
from amparo.care.shelters.tests.test_pages import at, read
from amparo.foundation.access.models import Agency, Kind
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import conninfo
from amparo.foundation.core.refusal import Refused

RISK = "riesgo inventado: alguien la busca"


@pytest.fixture
def ask(ana, ines, now):
    def ask(placement, briefing=RISK) -> Placement:
        day = timezone.localdate(now)
        return request_placement(placement, planned_to=day, escort_user=ines, briefing=briefing, by=ana, now=now)

    return ask


def read_by(user, placement) -> str:
    with acting_as(user.acting()):
        return risk_briefing.briefing_text(Placement.objects.get(pk=placement.pk))


def test_she_may_agree_that_this_house_alone_is_told(reserved, ask, person, olga, luz, ana, now):
    other = Agency.objects.create(name="Otra casa inventada", kind=Kind.SHELTER)
    for to, is_told in ((other, False), (reserved.house.agency, True)):
        consents.record_consent_in_case(
            person, data=["incident_facts"], recipients=[], institution=institution_code(to), purpose="invented",
            informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
        )  # fmt: skip
        if not is_told:
            with pytest.raises(Refused, match="The person did not agree that the house learns it"):
                ask(reserved)
    ask(reserved)
    approve_placement(reserved, by=olga, now=now)
    assert read_by(luz, reserved) == RISK


def test_of_her_health_the_house_is_told_on_her_word_for_that(reserved, ask, person, agree, olga, luz, ana, now):
    agree(person)
    usual = {"escort": "invented", "planned_to": timezone.localdate(now), "by": ana, "now": now}
    both = [Data.INCIDENT_FACTS, Data.SUBJECT_HEALTH]
    for tells_of in ([Data.SUBJECT_HEALTH], both):
        with pytest.raises(Refused, match="The person did not agree that the house learns it"):
            request_placement(reserved, briefing=RISK, tells_of=tells_of, **usual)
    with pytest.raises(Refused, match="Say what it tells of"):
        request_placement(reserved, briefing=RISK, tells_of=[], **usual)
    health = consents.record_consent_in_case(
        person, data=[Data.SUBJECT_HEALTH], recipients=[Recipient.SERVICE_PROVIDER], purpose="invented",
        informed=list(InformedItem.values), given_how="voice", expires_at=now + timedelta(days=30), by=ana, now=now,
    )  # fmt: skip
    request_placement(reserved, briefing=RISK, tells_of=both, **usual)
    approve_placement(reserved, by=olga, now=now)
    assert (read_by(luz, reserved), RiskBriefingShare.objects.count()) == (RISK, 2)
    consents.withdraw_consent_in_case(health, by=ana, now=now)
    assert read_by(luz, reserved) == ""


def on_the_page_of(user, where: str = "/house") -> str:
    return read(at(user).get(where))


def test_without_her_consent_the_house_is_told_that_she_comes_and_no_more(reserved, ask, person, olga, luz, ana, now):
    with pytest.raises(Refused, match="The person did not agree that the house learns it"):
        ask(reserved)
    assert Placement.objects.get().state == "reserved"
    ask(reserved, briefing="")
    approve_placement(reserved, by=olga, now=now)
    page = on_the_page_of(luz)
    assert person.code_name in page
    assert not RiskBriefingShare.objects.exists()


def test_agreed_the_house_reads_it_from_the_approval_on(reserved, ask, person, agree, ana, ines, olga, luz, now):
    consent = agree(person)
    ask(reserved)
    assert seen(luz) == 0
    with acting_as(luz.acting()):
        assert RiskBriefingShare.objects.count() == 0
    assert {read_by(user, reserved) for user in (ana, ines, olga)} == {RISK}
    approve_placement(reserved, by=olga, now=now)
    assert read_by(luz, reserved) == RISK
    assert RISK in on_the_page_of(luz)
    share = RiskBriefingShare.objects.get()
    assert (share.because, share.basis, share.until) == (Because.CONSENT, consent.pk, consent.expires_at)
    assert Entry.objects.filter(what="look", about=f"riskbriefingshare {share.pk}", user_id=luz.pk).exists()


def seen(user) -> int:
    with acting_as(user.acting()):
        return Placement.objects.count()


@pytest.mark.parametrize("arrived", [False, True])
def test_taken_back_the_house_reads_no_word_of_it_and_still_takes_her_in(
    reserved, ask, person, agree, ana, olga, luz, now, arrived
):
    consent = agree(person)
    approve_placement(ask(reserved), by=olga, now=now)
    if arrived:
        arrive(reserved, by=luz, now=now)
    assert RISK in on_the_page_of(luz)  # the control
    consents.withdraw_consent_in_case(consent, by=ana, now=now)
    page = on_the_page_of(luz)
    assert (RISK in page, person.code_name in page) == (False, True)
    with acting_as(luz.acting()):
        assert RiskBriefingShare.objects.count() == 0
    arrive(reserved, by=luz, now=now)  # withdrawing costs the person no bed
    leave_house(reserved.ordered_stays[0], by=luz, now=now)
    assert read_by(ana, reserved) == RISK
    assert "The house cannot read it" in on_the_page_of(ana, f"/beds/placements/{reserved.pk}")


def test_taken_back_before_the_approval_it_is_not_handed_on(reserved, ask, person, agree, ana, olga, luz, now):
    consent = agree(person)
    ask(reserved)
    consents.withdraw_consent_in_case(consent, by=ana, now=now)
    approve_placement(reserved, by=olga, now=now)
    assert (seen(luz), read_by(luz, reserved)) == (1, "")


def test_it_ends_with_the_consent(reserved, ask, person, agree, olga, luz, now):
    agree(person)
    approve_placement(ask(reserved), by=olga, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "update vault_grant set expires_at = now() - interval '1 second' where key_id = %s and basis is not null",
            [RiskBriefingShare.objects.get().key_id],
        )
    assert read_by(luz, reserved) == ""


@pytest.mark.parametrize("who", ["mother", "daughter"])
def test_of_a_family_each_agrees_and_whoever_takes_hers_back_takes_it_all(
    case, person, child, make_house, ask, agree, ana, olga, luz, now, who
):
    daughter, house = child(15), make_house(takes_families=True)
    placement = hold_bed(case, [person, daughter], house, by=ana, now=now)
    given = {"mother": agree(person)}
    with pytest.raises(Refused, match="The person did not agree"):
        ask(placement)
    given["daughter"] = agree(daughter, guardian=Guardian.CONSENTS)
    approve_placement(ask(placement), by=olga, now=now)
    assert read_by(luz, placement) == RISK
    with acting_as(ana.acting()):
        assert RISK.encode() not in [bytes(it.share) for it in RiskBriefingShare.objects.all()]
    consents.withdraw_consent_in_case(given[who], by=ana, now=now)
    assert (read_by(luz, placement), read_by(ana, placement)) == ("", RISK)
    with acting_as(luz.acting()):
        [left] = RiskBriefingShare.objects.all()
        assert b"inventado" not in bytes(left.share)  # one share alone is noise


def test_it_ends_when_they_left_for_the_house_and_who_brought_them(
    reserved, person, agree, ana, stranger, olga, luz, now
):
    agree(person)
    day = timezone.localdate(now)
    request_placement(reserved, planned_to=day, escort_user=stranger, briefing=RISK, by=ana, now=now)
    approve_placement(reserved, by=olga, now=now)
    assert {read_by(user, reserved) for user in (stranger, luz)} == {RISK}
    arrive(reserved, by=luz, now=now)
    leave_house(reserved.ordered_stays[0], by=luz, now=now)
    for user in (stranger, luz):
        with acting_as(user.acting()):
            assert RiskBriefingShare.objects.count() == 0


def test_agreed_later_the_house_is_told_later(approved, person, agree, ana, luz, stranger, now):
    with pytest.raises(Refused, match="The person did not agree"):
        send_risk_briefing(approved, briefing=RISK, by=ana, now=now)
    agree(person)
    with pytest.raises(Refused):
        send_risk_briefing(approved, briefing=RISK, by=stranger, now=now)
    send_risk_briefing(approved, briefing="antes", by=ana, now=now)
    where, typed = f"/beds/placements/{approved.pk}/tell", {"briefing": RISK}
    assert at(ana).post(where, typed).status_code == 422  # it does not state what it tells of
    assert at(ana).post(where, typed | {"tells_of": ["incident_facts"]}).status_code == 302
    assert read_by(luz, approved) == RISK
    assert "antes" not in on_the_page_of(luz)
    there = Placement.objects.get(pk=approved.pk)
    arrive(there, by=luz, now=now)
    leave_house(there.ordered_stays[0], by=ana, now=now)
    with pytest.raises(Refused, match="past that"):
        send_risk_briefing(approved, briefing=RISK, by=ana, now=now + timedelta(hours=1))


@pytest.mark.django_db(transaction=True)
def test_who_takes_it_back_while_it_is_handed_on_waits_and_then_closes_it(reserved, ask, person, agree, olga, now):
    agree(person)
    ask(reserved)
    takes_back = "update consent_consent set withdrawn_at = now()"
    with psycopg.connect(conninfo(), autocommit=True) as other:
        other.execute("set lock_timeout = '300ms'")
        with transaction.atomic():
            approve_placement(reserved, by=olga, now=now)
            with pytest.raises(psycopg.errors.LockNotAvailable):
                other.execute(takes_back)
        assert other.execute(takes_back).rowcount == 1


def test_three_placements_ask_the_database_no_more_than_one_and_each_is_in_the_ledger(
    make_case, make_house, ask, agree, ana, olga, luz, now
):
    house, desk = make_house(beds=5), at(luz)

    def comes(words: str) -> None:
        case = make_case(ana)
        agree(at_risk(case))
        placement = ask(hold_bed(case, [at_risk(case)], house, by=ana, now=now), words)
        approve_placement(placement, by=olga, now=now)
        arrive(placement, by=luz, now=now)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get("/house")
        return len(queries)

    comes("invented one")
    alone = statements()
    for words in ("invented two", "invented three"):
        comes(words)
    assert statements() == alone
    page = read(desk.get("/house"))
    assert [words in page for words in ("invented one", "invented two", "invented three")] == [True] * 3
    assert page.count('name="bed"') == 3, "beds to move to, for each of them"
    looked = Entry.objects.filter(what="look", user_id=luz.pk).values_list("about", flat=True)
    assert {f"riskbriefingshare {pk}" for pk in RiskBriefingShare.objects.values_list("pk", flat=True)} <= set(looked)

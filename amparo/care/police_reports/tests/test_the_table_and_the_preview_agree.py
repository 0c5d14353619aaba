"""Whatever is consented: the consent page, the report's preview and the disclosure say the same of every recipient."""

import re
from typing import NamedTuple

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amparo.care.cases import consents
from amparo.care.cases.models import Case
from amparo.care.cases.tests.agreeing import agree, post_consent
from amparo.care.consent import disclosure, table
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.institutions import find_institution, institution_code
from amparo.care.consent.picklists import (
    CALLER_DATA,
    CONSENT_RECIPIENTS,
    SUBJECT_DATA,
    Data,
    Decision,
    OverrideGround,
    Recipient,
)
from amparo.care.consent.rules import review_basis, ruling_on
from amparo.care.consent.table import disclosure_table
from amparo.care.people.models import Person
from amparo.care.people.picklists import Part
from amparo.care.people.rules import describe_person
from amparo.care.police_reports.report_draft import draft_report
from amparo.foundation.access.models import Agency, Kind, User
from amparo.foundation.core.refusal import Refused
from tests.repetitions import repeat

FACTS, OWN = Data.INCIDENT_FACTS, [Data.INCIDENT_FACTS, *SUBJECT_DATA]
CELL = re.compile(r'data-ruling="(\w+)" id="cell-([\w-]+):(\w+)"')
VERDICT = re.compile(
    r'id="verdict(?:-([\w-]+))?"[^>]*>(<span class="mark".*?)(?:<small data-without-effect|</td>|</p>)', re.DOTALL
)
MANY = settings(
    max_examples=repeat(4, 40), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example costs seconds: it is not made smaller
)  # fmt: skip


class Situation(NamedTuple):
    age: int | None
    guardian: str
    cells: frozenset[tuple[str, Data]]  # ticked: a kind of recipient, or "unit", the one police unit
    grounds: frozenset[OverrideGround]
    is_confirmed: bool  # by a supervisor's review
    is_withdrawn: bool


situations = st.builds(
    Situation,
    age=st.sampled_from([15, 30, None]),
    guardian=st.sampled_from(["consents", "absent"]),
    cells=st.frozensets(st.tuples(st.sampled_from([*CONSENT_RECIPIENTS, "unit"]), st.sampled_from(OWN)), max_size=12),
    grounds=st.frozensets(st.sampled_from(OverrideGround)),
    is_confirmed=st.booleans(),
    is_withdrawn=st.booleans(),
)


class Place:
    """One person of one case, two units, and the three places that say which data may be shared."""

    def __init__(self, person: Person, ana: User, marta: User, now) -> None:
        self.person, self.ana, self.marta, self.now = person, ana, marta, now
        self.units = [
            Agency.objects.create(name=f"Invented {kind}", kind=kind) for kind in (Kind.POLICE, Kind.PROSECUTOR)
        ]
        User.objects.filter(pk=ana.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
        self.desk = Client(headers={"Sec-Fetch-Mode": "navigate"})
        self.desk.force_login(User.objects.get(pk=ana.pk))
        self.case = Case.objects.get(key=person.key_id)
        self.where = f"/cases/{self.case.pk}/people/{person.pk}"

    def arrange(self, found: Situation) -> str:
        """Record it all, the consent on its page. Return what the page said before the consent was recorded."""
        if found.age:
            self.person = describe_person(
                self.person, age_at_events=found.age, age_certainty="sure", by=self.ana, now=self.now
            )
        for ground in found.grounds:
            named = [Recipient.PROSECUTOR] if ground == OverrideGround.COURT_ORDER else None
            basis = consents.record_basis_in_case(
                self.person, ground, "invented", recipients=named, by=self.ana, now=self.now
            )
            if found.is_confirmed:
                review_basis(basis, stands=True, by=self.marta, now=self.now)
        if found.is_withdrawn:
            earlier = agree(self.person, FACTS, to="police", guardian="consents", by=self.ana, now=self.now)
            consents.withdraw_consent_in_case(earlier, by=self.ana, now=self.now)
        cells = [
            f"{institution_code(self.units[0]) if to == 'unit' else to}:{data}" for to, data in sorted(found.cells)
        ]
        typed = {"permit": cells, "purpose": "invented", "duration": "30", "given_how": "voice", "do": "preview"}
        before = self.desk.post(f"{self.where}/consent", typed | {"guardian": found.guardian}).content.decode()
        if cells:
            sent = post_consent(self.desk, f"{self.where}/consent", *cells, guardian=found.guardian)
            assert sent.status_code == 302
        return before

    def disagreements(self, found: Situation) -> list[str]:
        before = self.arrange(found)
        after = self.desk.get(f"{self.where}/consent").content.decode()
        cells = {(code, data): decision for decision, code, data in CELL.findall(after)}
        shown = dict(VERDICT.findall(after))
        assert len(cells) >= len(CONSENT_RECIPIENTS) * len(OWN)
        wrong = [
            f"before {code}" for code, verdict in VERDICT.findall(before) if code in shown and shown[code] != verdict
        ]
        for (code, data), decision in cells.items():
            scope = find_institution(code) or RecipientScope(Recipient(code))
            if ruling_on(self.person, scope, Data(data), timezone.now())[0] != decision:
                wrong.append(f"disclosure {code} {data}")
        for unit in self.units:
            kind = Recipient.POLICE if unit.kind == Kind.POLICE else Recipient.PROSECUTOR
            code = institution_code(unit) if institution_code(unit) in shown else kind
            wrong += [f"preview {code} {it}" for it in self._preview(unit, code, cells, shown)]
        return wrong

    def _preview(self, unit: Agency, code: str, cells: dict[tuple[str, str], str], shown: dict[str, str]) -> list[str]:
        """What the preview of a report to this unit says otherwise than the consent page."""
        page = self.desk.post(f"{self.where}/report", {"unit": unit.pk, "source": "victim", "facts": "invented"})
        is_allowed = cells[code, FACTS] != Decision.FORBID
        if (page.status_code == 200) != is_allowed:
            return ["facts"]
        if not is_allowed:
            return []
        [(_blank, verdict)] = VERDICT.findall(page.content.decode())
        wrong = [] if verdict == shown[code] else ["verdict"]
        return wrong + [data for data in SUBJECT_DATA if self.carries(unit, data) != (cells[code, data] != "forbid")]

    def carries(self, unit: Agency, data: Data) -> bool:
        """True if a report to the unit may carry this item."""
        try:
            return bool(
                draft_report(
                    self.person, self.case, unit, facts="invented", source="victim", details={data: "invented"},
                    by=self.ana, now=timezone.now(),
                ).details
            )  # fmt: skip
        except Refused:
            return False


@pytest.fixture
def disagreements(case, ana, marta, now):
    def disagreements(found: Situation) -> list[str]:
        with transaction.atomic():
            wrong = Place(case.persons[0], ana, marta, now).disagreements(found)
            transaction.set_rollback(True)
        return wrong

    return disagreements


@pytest.mark.soak
@MANY
@given(found=situations)
def test_the_three_agree(disagreements, found):
    assert disagreements(found) == []


NOTHING = Situation(30, "", frozenset(), frozenset(), True, False)
RULES = {
    "_court_order": NOTHING._replace(grounds=frozenset({OverrideGround.COURT_ORDER})),
    "_consent": NOTHING._replace(cells=frozenset({(Recipient.POLICE, FACTS), (Recipient.POLICE, Data.SUBJECT_HEALTH)})),
    "_imminent_danger": NOTHING._replace(grounds=frozenset({OverrideGround.IMMINENT_DANGER})),
    "_child_at_risk": NOTHING._replace(age=15),
    "_duty_to_report": NOTHING._replace(grounds=frozenset({OverrideGround.DUTY_TO_REPORT})),
}


@pytest.mark.parametrize("rule", RULES)
def test_the_control_one_rule_less_on_the_page_is_noticed(disagreements, monkeypatch, rule):
    found = RULES[rule]
    assert disagreements(found) == []
    fewer = [it for it in disclosure.PRECEDENCE if it.__name__ != rule]
    assert len(fewer) == len(disclosure.PRECEDENCE) - 1

    def decide(question):
        rulings = (it(question) for it in fewer)
        return next((it for it in rulings if it), (Decision.FORBID, disclosure.LegalBasis.NO_BASIS))

    monkeypatch.setattr(table, "decide", decide)
    assert disagreements(found) != []


@pytest.mark.soak
@settings(MANY, max_examples=repeat(2, 20))
@given(
    cells=st.frozensets(
        st.tuples(st.sampled_from([Recipient.POLICE, Recipient.PROSECUTOR]), st.sampled_from([FACTS, *CALLER_DATA])),
        min_size=1,
    )
)
def test_of_who_called_too(case, ana, marta, now, cells):
    """The caller is a witness: of what happened, and of themselves."""
    with transaction.atomic():
        caller = Person.objects.create(key=case.key, part=Part.CALLER, made_at=now, made_by=ana)
        caller = describe_person(caller, age_at_events=40, age_certainty="sure", by=ana, now=now)
        herself = Place(case.persons.get(part=Part.AT_RISK), ana, marta, now)
        where = f"/cases/{case.pk}/people/{caller.pk}/consent"
        assert post_consent(herself.desk, where, *(f"{to}:{data}" for to, data in cells)).status_code == 302
        shown = {(code, data): it for it, code, data in CELL.findall(herself.desk.get(where).content.decode())}
        for unit, kind in zip(herself.units, (Recipient.POLICE, Recipient.PROSECUTOR), strict=True):
            facts = shown[kind, FACTS] != Decision.FORBID
            for data in CALLER_DATA:
                assert herself.carries(unit, data) == (facts and shown[kind, data] != Decision.FORBID)
        transaction.set_rollback(True)


def test_of_a_child_the_police_must_be_told_the_facts_and_not_the_papers_or_the_health(case, ana, marta, now):
    person = describe_person(case.persons[0], age_at_events=15, age_certainty="sure", by=ana, now=now)
    line = next(it for it in disclosure_table(person, now) if it.recipient.recipient == Recipient.POLICE)
    assert line.decided(Decision.REQUIRE, of=OWN) == [FACTS]
    assert line.rulings[Data.SUBJECT_IDENTITY][0] == Decision.ALLOW
    place = Place(person, ana, marta, now)
    for data in (Data.SUBJECT_DOCUMENT, Data.SUBJECT_HEALTH):
        assert line.rulings[data][0] == Decision.FORBID
        assert not place.carries(place.units[0], data)


def test_the_press_is_in_no_table_and_nobody_can_agree_to_tell_it(case, ana, now):
    assert Recipient.MEDIA not in {it.recipient.recipient for it in disclosure_table(case.persons[0], now)}
    with pytest.raises(Refused):
        agree(case.persons[0], FACTS, to=Recipient.MEDIA, guardian="consents", by=ana, now=now)

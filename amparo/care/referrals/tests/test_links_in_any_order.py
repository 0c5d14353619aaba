"""Consents, withdrawals, links and programs in any order: a link or a program shows only what has a live basis."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from amparo.care.cases import consents
from amparo.care.cases.rules import open_case
from amparo.care.consent.institutions import institution_code
from amparo.care.consent.picklists import SUBJECT_DATA, Data, InformedItem
from amparo.care.directory.models import Organization, Service
from amparo.care.people.rules import describe_person
from amparo.care.referrals.by_link import open_link, sheet_of
from amparo.care.referrals.models import ProviderLink, Referral
from amparo.care.referrals.program_shares import link_provider, unlink_provider
from amparo.care.referrals.rules import issue_link, link_actor, refer
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.rules import open_contact
from amparo.line.switchboard.models import Call, State
from tests.repetitions import repeat

FACTS = "invented facts of nobody"
NAME, HEALTH, BARE = [Data.SUBJECT_IDENTITY], [Data.SUBJECT_HEALTH], [Data.INCIDENT_FACTS]


class Disclosing(RuleBasedStateMachine):
    """Consent, withdraw, refer and give links in any order: a link shows what has a live basis, and no more."""

    now = None

    @initialize()
    def begin(self):
        from django.utils import timezone

        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = timezone.now()
        self.ana = User.objects.create(username="ana")
        call = Call.objects.create(
            arrived_at=self.now, answered_at=self.now, state=State.TALKING, operators=[self.ana.pk]
        )
        case = open_case(open_contact(call, by=self.ana, now=self.now), by=self.ana, now=self.now)
        self.person = describe_person(
            case.persons[0], age_at_events=30, age_certainty="sure", by=self.ana, now=self.now
        )
        self.of, self.other = (
            Organization.objects.create(name=name, description="inventada")
            for name in ("De Ejemplo", "Otra de Ejemplo")
        )
        self.service = Service.objects.create(organization=self.of, name="De Ejemplo")
        self.marta = User.objects.create(username="marta", role=Role.SUPERVISOR)
        self.program = User.objects.create(
            username="programa", role=Role.SERVICE_LIAISON,
            agency=Agency.objects.create(name="Inventada", kind=Kind.NGO),
        )  # fmt: skip
        # links: of which referral, whether the name is included, and on which consents
        self.consents, self.links = [], []

    @rule(
        data=st.sets(st.sampled_from([Data.INCIDENT_FACTS, *SUBJECT_DATA]), min_size=1),
        to=st.sampled_from(["service_provider", "police"]), alone=st.sampled_from(["", "", "of", "other"]),
    )  # fmt: skip
    def agrees(self, data, to, alone=""):
        """To all of a kind, or to one institution alone: the one that is asked, or another."""
        self.consents.append(
            consents.record_consent_in_case(
                self.person, data=sorted(data), recipients=[] if alone else [to],
                institution=institution_code(getattr(self, alone)) if alone else "",
                purpose="invented", informed=list(InformedItem.values), given_how="voice",
                expires_at=self.now + timedelta(days=9), by=self.ana, now=self.now,
            )
        )  # fmt: skip

    @rule(which=st.integers(0, 9))
    def takes_back(self, which):
        if self.consents:
            consents.withdraw_consent_in_case(self.consents[which % len(self.consents)], by=self.ana, now=self.now)

    @rule(items=st.sets(st.sampled_from(SUBJECT_DATA)))
    def refers(self, items):
        details = {data: f"invented {data}" for data in items}
        try:
            it = refer(self.person, self.service, facts=FACTS, details=details, by=self.ana, now=self.now)
        except Refused:
            return
        self.links.append((it, issue_link(it, by=self.ana, now=self.now)))

    @rule(which=st.integers(0, 9))
    def renews(self, which):
        if not self.links:
            return
        it, _old = self.links[which % len(self.links)]
        try:
            self.links.append((it, issue_link(it, by=self.ana, now=self.now)))
        except Refused:
            return

    @rule()
    def programs_answer(self):
        with suppress(Refused):
            link_provider(self.service.organization, self.program.agency, by=self.marta, now=self.now)

    @rule()
    def programs_answer_no_more(self):
        for it in ProviderLink.objects.active():
            unlink_provider(it, by=self.marta, now=self.now)

    @invariant()
    def a_program_shows_what_stands(self):
        if not self.now:
            return
        acting = self.program.acting()
        with acting_as(acting):
            shown = [
                (it, sheet_of(it, acting).details)
                for it in Referral.objects.visible_to(self.program).select_related("key")
            ]
        assert not shown or ProviderLink.objects.active().exists(), "facts for whoever answers no more"
        for it, details in shown:
            self.shows(it, details)

    @invariant()
    def a_link_shows_what_stands(self):
        for it, secret in getattr(self, "links", []):
            try:
                sheet = open_link(link_actor(secret), self.now)
            except Refused:
                continue
            self.shows(it, sheet.details)

    def shows(self, it, details):
        assert self.stands(it.basis, Data.INCIDENT_FACTS), "facts without a live consent"
        for each in it.details:
            if each.data in details:
                assert details[each.data] == f"invented {each.data}"
                assert self.stands(each.basis, each.data), "a detail without a live consent"

    def stands(self, basis, data) -> bool:
        consent = type(self.consents[0]).objects.get(pk=basis)
        return (
            consent.withdrawn_at is None
            and data in consent.data
            and (
                consent.institution == institution_code(self.of)
                if consent.institution
                else "service_provider" in consent.recipients
            )
        )

    def teardown(self):
        if self.now:
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)


SHORT = settings(
    max_examples=repeat(10, 200), stateful_step_count=12, deadline=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.mark.soak
@pytest.mark.timeout(repeat(300, 20_000))
def test_no_sequence_shows_a_field_that_is_not_consented(db):
    run_state_machine_as_test(Disclosing, settings=SHORT)


@pytest.mark.parametrize("items", [[], NAME, HEALTH])
def test_the_property_finds_a_withdrawal_that_closes_nothing(db, monkeypatch, items):
    monkeypatch.setattr("amparo.foundation.vault.models.revoke_grants", lambda basis: 0)
    story = Disclosing()
    story.begin()
    story.agrees([*BARE, *items], "service_provider")
    story.refers(items)
    story.a_link_shows_what_stands()
    story.takes_back(0)
    with pytest.raises(AssertionError, match="facts without a live consent"):
        story.a_link_shows_what_stands()
    story.teardown()


@pytest.mark.parametrize("items", [NAME, HEALTH])
def test_the_property_finds_a_detail_that_stays_when_it_alone_is_taken_back(db, monkeypatch, items):
    story = Disclosing()
    story.begin()
    for data in (BARE, items):
        story.agrees(data, "service_provider")
    story.refers(items)
    monkeypatch.setattr("amparo.foundation.vault.models.revoke_grants", lambda basis: 0)
    story.takes_back(1)
    with pytest.raises(AssertionError, match="a detail without a live consent"):
        story.a_link_shows_what_stands()
    story.teardown()


@pytest.mark.parametrize(("items", "back", "what"), [([], 0, "facts"), (NAME, 1, "a detail"), (HEALTH, 1, "a detail")])
def test_the_property_finds_it_of_a_program_too(db, monkeypatch, items, back, what):
    story = Disclosing()
    story.begin()
    story.programs_answer()
    for each in (BARE, items) if items else (BARE,):
        story.agrees(each, "service_provider")
    story.refers(items)
    story.a_program_shows_what_stands()
    monkeypatch.setattr("amparo.foundation.vault.models.revoke_grants", lambda basis: 0)
    story.takes_back(back)
    with pytest.raises(AssertionError, match=f"{what} without"):
        story.a_program_shows_what_stands()
    story.teardown()


def test_the_property_finds_who_answers_no_more_and_reads_on(db, monkeypatch):
    story = Disclosing()
    story.begin()
    story.programs_answer()
    story.agrees(BARE, "service_provider")
    story.refers([])
    monkeypatch.setattr("amparo.care.referrals.program_shares.revoke_shares", lambda shares: None)
    story.programs_answer_no_more()
    with pytest.raises(AssertionError, match="answers no more"):
        story.a_program_shows_what_stands()
    story.teardown()

"""Each identity field is exported on a consent of its own; uncategorised imported fields, if all may be disclosed."""

import json
from datetime import timedelta

import pytest

from amparo.care.cases.tests import agreeing
from amparo.care.consent.disclosure import RecipientScope
from amparo.care.consent.institutions import institution_code, scope_of
from amparo.care.consent.models import Consent
from amparo.care.consent.picklists import CALLER_DATA, SUBJECT_DATA, Data, Recipient
from amparo.care.directory.models import Organization
from amparo.care.exchange import mapping
from amparo.care.exchange.forms import ExportForm
from amparo.care.exchange.models import UnmappedData
from amparo.care.exchange.rules import export_case
from amparo.care.people.models import Identity
from amparo.care.people.picklists import Part
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

FIELDS = {
    Data.SUBJECT_IDENTITY: {"prs_FirstName"}, Data.SUBJECT_DOCUMENT: {"prs_IdentityNumber", "prs_Birthdate"},
    Data.SUBJECT_CONTACT: {"prs_MobilePhone"}, Data.SUBJECT_WHEREABOUTS: {"prs_MailingStreet"},
    Data.SUBJECT_HEALTH: set(),
}  # fmt: skip
OF_WHO_SHE_IS = set().union(*FIELDS.values())


@pytest.fixture
def agree(planted, ana, now):
    """Replace the person's earlier consents."""

    def agree(*data: Data, to: str = Recipient.EMBASSY) -> Consent:
        return agreeing.agree(planted.person, Data.INCIDENT_FACTS, *data, to=to, by=ana, now=now)

    return agree


def test_every_field_of_who_she_is_belongs_to_something_she_agrees_to():
    columns = {name for name in mapping.IDENTITY_FIELDS.values() for name in name}
    assert columns == {field.attname for field in Identity._meta.fields if type(field).__name__ == "SealedField"}
    assert {field for of_it in mapping.IDENTITY_FIELDS.values() for field in of_it.values()} == OF_WHO_SHE_IS


@pytest.mark.parametrize("data", SUBJECT_DATA)
def test_what_she_agreed_to_and_no_other_field(planted, agree, ana, now, data):
    agree(data)
    record = export_case(planted.case, RecipientScope(Recipient.EMBASSY), by=ana, now=now + timedelta(minutes=1))
    [person] = record["Person"]
    assert person.keys() & OF_WHO_SHE_IS == FIELDS[data]


def test_words_that_may_say_anything_leave_where_all_of_it_may_be_told(planted, agree, ana, now):
    with acting_as(ana.acting()):
        caller = planted.case.persons.get(part=Part.CALLER)
    later, scope = now + timedelta(minutes=1), RecipientScope(Recipient.EMBASSY)
    for data in CALLER_DATA:
        agreeing.agree(caller, data, to=Recipient.EMBASSY, guardian="consents", by=ana, now=now)
    consents = [agree(data) for data in SUBJECT_DATA]
    assert "CaseComment" in export_case(planted.case, scope, by=ana, now=later)
    for consent in [*consents, *caller.consents.filter(recipients=[Recipient.EMBASSY])]:
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=now, withdrawn_by=ana)
        assert "CaseComment" not in export_case(planted.case, scope, by=ana, now=later)
        Consent.objects.filter(pk=consent.pk).update(withdrawn_at=None, withdrawn_by=None)


def test_what_came_in_of_her_and_has_no_kind_leaves_where_all_of_it_does(planted, agree, ana, now):
    with acting_as(ana.acting()):
        identity = planted.person.identity
        UnmappedData.objects.create(
            case=planted.case, person=planted.person, key=identity.key, is_identity=True,
            records=json.dumps({"prs_Email": "nadie@example.org"}),
        )  # fmt: skip
    for data in (SUBJECT_DATA[:-1], SUBJECT_DATA):
        agree(*data)
        record = export_case(planted.case, RecipientScope(Recipient.EMBASSY), by=ana, now=now + timedelta(minutes=1))
        assert ("prs_Email" in record["Person"][0]) == (data == SUBJECT_DATA)


def test_to_one_institution_alone(planted, agree, ana, now):
    one, other = (Organization.objects.create(name=f"De Ejemplo {it}", description="inventada") for it in "ab")
    Consent.objects.filter(recipients__contains=[Recipient.SERVICE_PROVIDER]).update(withdrawn_at=now)
    agree(Data.SUBJECT_CONTACT, to=institution_code(one))
    later = now + timedelta(minutes=1)
    record = export_case(planted.case, scope_of(one), by=ana, now=later)
    assert record["Person"][0].keys() & OF_WHO_SHE_IS == {"prs_MobilePhone"}
    assert planted.case.entries.order_by("-number")[0].words == "HTCDS: De Ejemplo a"
    for scope in (RecipientScope(Recipient.SERVICE_PROVIDER), scope_of(other)):
        with pytest.raises(Refused, match="no legal basis"):
            export_case(planted.case, scope, by=ana, now=later)


def test_one_that_goes_while_the_page_is_open_is_chosen_again(db):
    gone = Organization.objects.create(name="De Ejemplo", description="inventada")
    form = ExportForm({"recipient": institution_code(gone), "file": "json"})
    gone.delete()
    assert (form.is_valid(), "not in the list any more" in str(form.errors)) == (False, True)

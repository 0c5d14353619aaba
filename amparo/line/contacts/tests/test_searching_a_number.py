"""Search by safe number: exact match, with a reason, among contacts that the user may see."""

import pytest
from django.urls import reverse

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import SafeContact
from amparo.line.contacts.rules import search_number

from .conftest import NUMBER


def test_a_safe_number_finds_its_contact_for_who_may_see_it(contact, filled_contact, ana, rufino, marta, stranger, now):
    for user in (ana, marta):
        assert search_number("+51 987654321", purpose="calls_again", by=user, now=now) == [contact]
    assert search_number(NUMBER, purpose="calls_again", by=rufino, now=now) == []
    assert search_number("987654322", purpose="calls_again", by=ana, now=now) == []
    for purpose, user in (("", ana), ("curiosity", ana), ("calls_again", stranger)):
        with pytest.raises(Refused):
            search_number(NUMBER, purpose=purpose, by=user, now=now)


def searches() -> list[tuple]:
    return list(Entry.objects.filter(what="find").order_by("pk").values_list("user_id", "purpose", "key", "fields"))


def test_who_searches_is_written_down_found_or_not_and_never_what(contact, filled_contact, ana, now):
    card = SafeContact.objects.get()
    search_number(NUMBER, purpose="danger", by=ana, now=now)
    search_number("912345678", purpose="calls_again", by=ana, now=now)
    assert searches() == [
        (ana.pk, "danger", card.key_id, ["number"]),
        (ana.pk, "calls_again", None, ["number"]),
    ]
    written = str(list(Entry.objects.filter(what="find").values_list("about", "what")))
    assert not any(number in written for number in (NUMBER, NUMBER.replace(" ", ""), "912345678"))


def test_an_erased_number_is_not_found(contact, write, filled_contact, ana, now):
    write(safe_number="")
    assert search_number(NUMBER, purpose="calls_again", by=ana, now=now) == []


@pytest.mark.parametrize("fields", [{}, {"number": NUMBER}, {"purpose": "danger"}, {"number": NUMBER, "purpose": "x"}])
def test_a_search_without_a_reason_is_asked_again(client, ana, fields):
    client.force_login(ana)
    page = client.post(reverse("contacts-search"), fields)
    assert page.status_code == 200
    assert 'role="alert"' in page.content.decode()

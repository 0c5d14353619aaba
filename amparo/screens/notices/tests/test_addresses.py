"""Staff give an address for notices, confirm it by a code, and remove it; it is sealed, and nobody else reads it."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.vault.keys import KeyDestroyed
from amparo.foundation.vault.models import DataKey

from .. import ladder, rules, sending
from ..models import NoticeAddress, Reach, Route
from ..tasks import forget_notices
from .conftest import MAILBOX, MOBILE, NOW, code_of

pytestmark = pytest.mark.django_db


def test_a_code_goes_to_the_address_and_confirms_it(line, gateway, ana):
    rules.give_address(Route.SMS, "+51 900-000 321", by=ana, now=NOW)
    assert not Reach.objects.reachable().exists()
    sending.send_pending(NOW)
    [text] = gateway.taken.values()
    assert text["to"] == MOBILE
    assert code_of(ana, Route.SMS) in text["text"]
    assert rules.confirm_address(Route.SMS, re.findall(r"\d{6}", text["text"])[0], by=ana, now=NOW)
    assert Reach.objects.get(pk=ana.pk).routes == [Route.SMS]
    sending.send_pending(NOW + timedelta(minutes=1))
    assert len(gateway.taken) == 1
    assert {"give_address", "confirm_address"} <= set(
        Entry.objects.filter(user_id=ana.pk).values_list("what", flat=True)
    )


def test_five_wrong_codes_end_it_and_so_does_a_late_one(line, ana):
    rules.give_address(Route.EMAIL, MAILBOX.format("ana"), by=ana, now=NOW)
    code = code_of(ana, Route.EMAIL)
    with pytest.raises(Refused):
        rules.confirm_address(Route.EMAIL, code, by=ana, now=NOW + timedelta(minutes=16))
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert [rules.confirm_address(Route.EMAIL, wrong, by=ana, now=NOW) for _ in range(5)] == [False] * 5
    with pytest.raises(Refused):
        rules.confirm_address(Route.EMAIL, code, by=ana, now=NOW)
    assert not Reach.objects.reachable().exists()


def test_three_codes_leave_within_an_hour_and_no_fourth(line, ana):
    for minutes in (0, 10, 20):
        rules.give_address(Route.EMAIL, MAILBOX.format("ana"), by=ana, now=NOW + timedelta(minutes=minutes))
    rules.remove_address(Route.EMAIL, by=ana)
    with pytest.raises(Refused, match="hora"):
        rules.give_address(Route.SMS, MOBILE, by=ana, now=NOW + timedelta(minutes=59))
    rules.give_address(Route.SMS, MOBILE, by=ana, now=NOW + timedelta(minutes=61))


@pytest.mark.parametrize(
    ("route", "text"),
    [(Route.EMAIL, "ana"), (Route.EMAIL, ""), (Route.EMAIL, "á@x.example"), (Route.SMS, "105"), (Route.SMS, "x" * 300)],
)
def test_what_is_no_address_is_refused_and_keeps_nothing(line, ana, route, text):
    with pytest.raises(Refused):
        rules.give_address(route, text, by=ana, now=NOW)
    assert not NoticeAddress.objects.exists()


def test_a_line_without_the_channel_and_people_of_other_institutions_give_none(ana, teo):
    with pytest.raises(Refused):
        rules.give_address(Route.EMAIL, MAILBOX.format("ana"), by=ana, now=NOW)
    with pytest.raises(Refused):
        rules.give_address(Route.EMAIL, MAILBOX.format("teo"), by=teo, now=NOW)


def test_it_is_sealed_and_nobody_else_reads_the_row(reach, ana, marta, stranger, caplog):
    caplog.set_level(logging.DEBUG)
    reach(ana, Route.SMS)
    for other in (marta, stranger):
        with acting_as(other.acting()):
            assert not NoticeAddress.objects.exists()
    with acting_as(marta.acting()):
        assert not Reach.objects.exists()
    for actor in (ana.acting(), WORKER):  # the control
        with acting_as(actor):
            assert NoticeAddress.objects.select_related("key").get().address == MOBILE
    with connection.cursor() as cursor:
        cursor.execute("select notices_noticeaddress::text from notices_noticeaddress")
        [[row]] = cursor.fetchall()
        cursor.execute("select coalesce(string_agg(args::text, ''), '') from procrastinate_jobs")
        [[jobs]] = cursor.fetchall()
    ledger = "".join(str(entry.__dict__) for entry in Entry.objects.all())
    assert MOBILE[1:] not in row + jobs + ledger + caplog.text
    assert MOBILE[1:].encode().hex() not in row


def test_removing_destroys_it_and_twice_changes_nothing(reach, ana):
    reach(ana)
    with acting_as(ana.acting()):
        row = NoticeAddress.objects.select_related("key").get()
        key = row.key
    rules.remove_address(Route.EMAIL, by=ana)
    rules.remove_address(Route.EMAIL, by=ana)
    assert not NoticeAddress.objects.exists()
    assert not Reach.objects.reachable().exists()
    key.__dict__.pop("grants", None)
    with acting_as(ana.acting()), pytest.raises(KeyDestroyed):
        _ = type(key).objects.get(pk=key.pk).secret
    assert "remove_address" in Entry.objects.filter(user_id=ana.pk).values_list("what", flat=True)


def test_addresses_of_who_left_and_what_was_not_confirmed_are_destroyed(reach, unit, ana, marta, rufino, stranger):
    for user in (ana, marta, rufino):
        reach(user)
    rules.give_address(Route.SMS, MOBILE, by=marta, now=NOW)
    with acting_as(WORKER):
        keys = {row.user_id: row.key_id for row in NoticeAddress.objects.filter(route=Route.EMAIL)}
    User.objects.filter(pk=ana.pk).update(is_active=False)
    User.objects.filter(pk=rufino.pk).update(agency=unit)
    assert ladder.forget_addresses(NOW + timedelta(hours=23)) == 2
    with acting_as(WORKER):
        assert set(NoticeAddress.objects.values_list("user", "route")) == {(marta.pk, "email"), (marta.pk, "sms")}
        left = set(DataKey.objects.filter(forgotten_at=None, pk__in=keys.values()).values_list("pk", flat=True))
    assert left == {keys[marta.pk]}
    assert set(Reach.objects.reachable().values_list("pk", flat=True)) == {marta.pk}
    forget_notices(int((NOW + timedelta(hours=25)).timestamp()))  # one was never confirmed
    assert ladder.forget_addresses(NOW + timedelta(hours=25)) == 0
    with acting_as(marta.acting()):  # the control
        assert NoticeAddress.objects.select_related("key").get().address == MAILBOX.format("marta")
    assert Entry.objects.filter(what="forget", about__startswith="notice_address").count() == 3


def test_an_address_that_cannot_be_reached_is_shown_as_that(line, relay, ana):
    relay.handler.answer = "550 nobody here"
    rules.give_address(Route.EMAIL, MAILBOX.format("ana"), by=ana, now=NOW)
    sending.send_pending(NOW)
    page = browser(ana).get("/me/notices?language=en").content.decode()
    assert "It could not be sent there." in page


def test_the_own_page_does_it_all_in_sentences(line, gateway, ana):
    client = browser(ana)
    answer = client.post("/me/notices/address?language=en", {"route": "sms", "address": "12"})
    assert answer.status_code == 422
    assert "Write a mobile number" in answer.content.decode()
    assert client.post("/me/notices/address", {"route": "sms", "address": MOBILE}).status_code == 302
    assert client.post("/me/notices/confirm", {"route": "sms", "code": "none"}).status_code == 422
    code = code_of(ana, Route.SMS)
    assert client.post("/me/notices/confirm", {"route": "sms", "code": f" {code[:3]} {code[3:]}"}).status_code == 302
    assert MOBILE in client.get("/me/notices").content.decode()
    for form in ({"from": "25:00", "until": "7"}, {}, {"from": "22:00"}):
        assert client.post("/me/notices/quiet", form).status_code == 422
    assert client.post("/me/notices/quiet", {"from": "23:00", "until": "08:00"}).status_code == 302
    assert 'value="23:00"' in client.get("/me/notices").content.decode()
    for path in ("address", "confirm", "remove"):
        assert client.post(f"/me/notices/{path}", {"route": "pigeon"}).status_code == 422
    assert client.post("/me/notices/remove", {"route": "sms"}).status_code == 302
    assert MOBILE not in client.get("/me/notices").content.decode()


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client

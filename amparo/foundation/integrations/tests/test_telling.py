"""News goes to a real server over https: signed, without personal data, repeated for a day, and nowhere else."""

import base64
import hashlib
import hmac
import json
import ssl
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.foundation.core.signed_posts import signature

from .. import addresses, delivery
from ..keys import signing_secret
from ..models import Delivery, DeliveryError, WebhookEndpoint
from ..rules import announce, end_webhook, set_webhook
from .test_tokens import at

HOUR = timedelta(hours=1)


@pytest.fixture
def hook(rita, listening, now) -> WebhookEndpoint:
    """An endpoint that is set, and has received its first delivery."""
    named = set_webhook(listening.address, by=rita, now=now)
    delivery.deliver(Delivery.objects.get().pk, now)
    listening.heard.clear()
    return named


@pytest.fixture
def news(hook, unit, rita, now) -> Delivery:
    with acting_as(rita.acting()):
        announce(unit.pk, "report.sent", "reports/7", now=now)
    return Delivery.objects.get(kind="report.sent")


def test_the_signature_is_that_of_the_specification():
    """The example of the Standard Webhooks libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_new_webhook_gets_a_delivery_at_once(rita, unit, listening, now):
    set_webhook(listening.address, by=rita, now=now)
    assert delivery.deliver(Delivery.objects.get().pk, now)
    [(path, _headers, body)] = listening.heard
    assert (path, json.loads(body)["kind"]) == ("/news", "hook.named")


def test_a_delivery_says_that_there_is_news_and_contains_none(hook, news, listening, now):
    assert delivery.deliver(news.pk, now)
    [(_path, headers, body)] = listening.heard
    assert json.loads(body) == {
        "id": str(news.pk), "kind": "report.sent", "at": now.isoformat(), "path": "/api/v1/reports/7",
    }  # fmt: skip
    assert headers["webhook-id"] == str(news.pk)


def test_the_shown_secret_verifies_the_signature(hook, news, listening, now):
    """The verification that docs/en/integrator.md shows."""
    delivery.deliver(news.pk, now)
    [(_path, headers, body)] = listening.heard
    secret = base64.b64decode(signing_secret(hook.pk).removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    ours = "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    assert hmac.compare_digest(ours, headers["webhook-signature"])
    assert abs(int(headers["webhook-timestamp"]) - now.timestamp()) < 2
    other = hmac.digest(secret, signed + b" ", hashlib.sha256)
    assert base64.b64encode(other).decode() not in headers["webhook-signature"]


def test_the_secret_is_shown_by_one_page_and_stands_in_no_row(rita, listening):
    shown = at(rita).post("/integrations/hook", {"address": listening.address}).content.decode()
    secret = signing_secret(WebhookEndpoint.objects.get().pk)
    assert secret in shown
    assert secret not in at(rita).get("/integrations").content.decode()


def test_the_job_waits_for_the_commit_in_the_same_transaction(hook, news):
    [job] = ProcrastinateJob.objects.filter(task_name__endswith="deliver", args__pk=str(news.pk))
    assert job.status == "todo"


def test_a_delivery_that_fails_twice_is_repeated_with_growing_pauses(hook, news, listening, now):
    listening.answers[:] = [503, 500]
    assert not delivery.deliver(news.pk, now)
    delivery.deliver(news.pk, now)  # too soon: nothing is done
    assert len(listening.heard) == 1
    waits = []
    for _ in range(2):
        due = Delivery.objects.get(pk=news.pk).next_at
        waits.append(due)
        delivery.deliver_again(due - timedelta(seconds=1))  # not yet
        delivery.deliver_again(due)
    assert len(listening.heard) == 3
    assert len({headers["webhook-id"] for _path, headers, _body in listening.heard}) == 1
    assert waits[0] - now == timedelta(minutes=1)
    assert waits[1] - waits[0] == timedelta(minutes=5)
    assert Delivery.objects.get(pk=news.pk).done_at is not None


def test_a_delivery_is_given_up_after_a_day_and_the_page_says_so(hook, news, rita, listening, now):
    listening.answers[:] = [500] * 50
    delivery.deliver(news.pk, now)
    assert "fails" in at(rita).get("/integrations?language=en").content.decode()
    due = now
    while Delivery.objects.waiting().exists():
        due = Delivery.objects.get(pk=news.pk).next_at
        delivery.deliver_again(due)
    given_up = Delivery.objects.get(pk=news.pk)
    assert timedelta(hours=8) < given_up.given_up_at - now <= timedelta(days=1)
    assert given_up.trouble == DeliveryError.REFUSED
    assert "never told" in at(rita).get("/integrations?language=en").content.decode()


def test_no_redirect_is_followed(hook, news, listening, now):
    listening.answers[:] = [307]
    assert not delivery.deliver(news.pk, now)
    assert [path for path, *_ in listening.heard] == ["/news"]
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.REFUSED


def test_nothing_is_delivered_to_an_untrusted_certificate(hook, news, listening, now, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    delivery.deliver(news.pk, now)
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.UNTRUSTED
    assert listening.heard == []


def test_a_name_that_is_not_in_the_certificate_is_not_trusted(hook, news, listening, now):
    WebhookEndpoint.objects.update(address=listening.address.replace("localhost", "127.0.0.1"))
    delivery.deliver(news.pk, now)
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.UNTRUSTED
    assert listening.heard == []


def test_a_peer_that_answers_a_letter_at_a_time_is_not_waited_for(hook, news, listening, now, monkeypatch):
    monkeypatch.setattr(delivery, "PATIENCE", 1.0)
    listening.slowly = 0.05  # each letter well within the socket's own patience, all of them in five minutes
    delivery.deliver(news.pk, now)
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.SILENT


def test_an_unreachable_endpoint_is_recorded(hook, news, now):
    WebhookEndpoint.objects.update(address="https://localhost:1/news")
    delivery.deliver(news.pk, now)
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.UNREACHABLE


def test_a_failing_endpoint_delays_no_other(hook, news, unit, stranger, listening, now):
    """Of many deliveries for one silent address, one is tried in a minute; another institution's continue."""
    with acting_as(stranger.acting()):
        for number in range(3):
            announce(unit.pk, "report.sent", f"reports/{number}", now=now)
        announce(stranger.agency.pk, "report.sent", "reports/9", now=now + HOUR / 100)
    WebhookEndpoint.objects.create(
        agency=stranger.agency, address=listening.address + "/other", named_at=now, named_by=stranger
    )
    listening.answers[:] = [500]
    delivery.deliver_again(now + HOUR)
    assert [path for path, *_ in listening.heard] == ["/news", "/news/other"]


def test_without_an_endpoint_no_delivery_is_stored(unit, rita, now):
    with acting_as(rita.acting()):
        announce(unit.pk, "report.sent", "reports/7", now=now)
    assert delivery.deliver(Delivery.objects.get().pk, now)
    assert not Delivery.objects.exists()


def test_nothing_is_delivered_to_an_ended_endpoint(hook, news, rita, listening, now):
    end_webhook(hook, by=rita, now=now)
    delivery.deliver(news.pk, now)
    assert listening.heard == []


def test_another_institution_sees_neither_address_nor_news(hook, news, stranger):
    with acting_as(stranger.acting()):
        assert (WebhookEndpoint.objects.count(), Delivery.objects.count()) == (0, 0)


INSIDE = ["https://127.0.0.1/", "https://10.1.2.3/", "https://[::1]/", "https://169.254.169.254/latest",
          "https://[::ffff:192.168.1.1]/", "https://[fd00::1]/", "https://0.0.0.0/",
          "https://[64:ff9b::10.1.2.3]/", "https://[::127.0.0.1]/", "https://[fec0::1]/"]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_a_real_hotline_refuses_webhooks_to_private_networks(rita, settings, now, address):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False)
    with pytest.raises(Refused, match="private"):
        set_webhook(address, by=rita, now=now)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, hooks_inside=True)
    set_webhook(address, by=rita, now=now)


def test_a_real_hotline_delivers_to_no_name_in_a_private_network(hook, news, listening, settings, now):
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, demo=False)
    delivery.deliver(news.pk, now)
    assert Delivery.objects.get(pk=news.pk).trouble == DeliveryError.PRIVATE
    assert listening.heard == []


@pytest.mark.parametrize(
    "address",
    ["", "http://programs.example.org/", "ftp://programs.example.org", "https://", "https://a:99999/", "https://[::1",
     "https://somebody:word@programs.example.org/", "https://programs.example.org/#x", "https://a.example/ b",
     "https://a.example/\nx: y", "https://comisaría.example/", f"https://a.example/{'x' * 300}", "javascript:1"],
)  # fmt: skip
def test_an_invalid_address_is_refused_in_a_sentence(rita, now, address):
    with pytest.raises(Refused):
        set_webhook(address, by=rita, now=now)
    assert not WebhookEndpoint.objects.exists()


def test_deliveries_are_deleted_after_a_week(hook, now):
    delivery.delete_old_deliveries(now + timedelta(days=6))
    assert Delivery.objects.count() == 1
    delivery.delete_old_deliveries(now + timedelta(days=8))
    assert not Delivery.objects.exists()


def test_the_certificates_that_are_trusted_are_those_of_the_machine():
    """The control of `SSL_CERT_FILE` above: it stands for the system's own setting."""
    assert ssl.get_default_verify_paths().openssl_cafile_env == "SSL_CERT_FILE"
    assert addresses.HTTPS == 443

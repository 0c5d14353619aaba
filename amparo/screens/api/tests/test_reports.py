"""A program with its unit's reports: the same as a liaison on the page, by the same verbs."""

import uuid

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from amparo.care.cases import consents
from amparo.care.cases.rules import close_case, finish_task
from amparo.care.consent.models import policy_name
from amparo.care.police_reports.models import Report, ReportEvent
from amparo.care.police_reports.picklists import Decision, ReportEventKind
from amparo.care.police_reports.rules import add_message, recall_report
from amparo.foundation.audit.models import Entry
from amparo.foundation.integrations.models import Delivery
from amparo.foundation.oversight.openings import STILL_CURRENT
from amparo.foundation.vault.models import DataKey

ROOT = "/api/v1/reports"


def where(report: Report, verb: str = "") -> str:
    return f"{ROOT}/{report.pk}{verb and '/'}{verb}"


def test_the_list_shows_only_own_records_and_decrypts_none(unit, other):
    before = Entry.objects.count()
    [line] = unit.ask(ROOT).json()["reports"]
    assert (line["id"], line["code"], line["waits_for_the_line"]) == (str(unit.report.pk), unit.report.code, True)
    assert unit.word not in unit.ask(ROOT).content.decode()
    assert Entry.objects.count() == before


def test_the_list_is_paged_by_number(unit, new_report, monkeypatch):
    monkeypatch.setattr("amparo.screens.api.reports.SHOWN", 1)
    first = unit.ask(ROOT).json()
    assert [line["code"] for line in first["reports"]] == [new_report.code]
    second = unit.ask(f"{ROOT}?before={first['before']}").json()
    assert [line["code"] for line in second["reports"]] == [unit.report.code]
    assert second["before"] is None


def test_a_report_shows_what_the_liaison_page_shows_and_no_more(unit, now):
    answer = unit.ask(where(unit.report)).json()
    page = Client()
    page.force_login(unit.liaison)
    shown = page.get(f"/reports/{unit.report.pk}").content.decode()
    sentences = [
        answer["facts"],
        answer["details"]["subject_identity"],
        answer["traces"],
        *(step["words"] for step in answer["steps"]),
    ]
    assert len(sentences) == 5
    assert all(words in shown for words in sentences)
    assert escape(policy_name(answer["policy"])) in shown
    assert not {"case", "person", "key", "sent_by"} & answer.keys()
    assert str(unit.report.case_id) not in str(answer)


def test_each_read_is_in_the_ledger_under_the_program(unit):
    unit.ask(where(unit.report))
    looks = Entry.objects.filter(user_id=unit.program.user_id, what="look")
    assert {entry.about.split()[0] for entry in looks} == {"report", "reportdetail"}


def test_a_report_is_received_queried_decided_and_closed_with_an_outcome(unit, new_report, ana, now):
    early = unit.ask(where(new_report, "decide"), {"decision": "acted"})
    assert (early.status_code, early.json()) == (422, {"sentence": "Receive it first, with your unit's number."})
    unit.ask(where(new_report, "receive"), {"folio": "F-7 inventado"})
    unit.ask(where(new_report, "ask"), {"words": "where?"})
    add_message(new_report, ReportEventKind.ANSWERED, "by the market", by=ana, now=timezone.now())
    unit.ask(where(new_report, "decide"), {"decision": "acted", "words": "they went"})
    done = unit.ask(where(new_report, "outcome"), {"words": "she is safe"}).json()
    answer = unit.ask(where(new_report)).json()
    assert [step["kind"] for step in answer["steps"]] == ["received", "question", "answered", "decided", "outcome"]
    assert answer["steps"][0]["words"] == "F-7 inventado"
    assert answer["steps"][3]["decision"] == Decision.ACTED
    assert answer["steps"][-1]["id"] == done["id"]
    assert answer["decided_at"]
    assert set(new_report.steps.exclude(kind="answered").values_list("by", flat=True)) == {unit.program.user_id}


def test_a_repeated_idempotency_key_acts_once_and_repeats_the_answer(unit):
    key, sent = uuid.uuid4(), {"words": "where?"}
    first, second = (unit.ask(where(unit.report, "ask"), sent, key=key) for _ in range(2))
    assert (first.status_code, first.content) == (200, second.content)
    assert ReportEvent.objects.filter(kind="question").count() == 2  # one was there before
    another = unit.ask(where(unit.report, "ask"), {"words": "when?"}, key=key)
    elsewhere = unit.ask(where(unit.report, "outcome"), sent, key=key)
    assert another.status_code == elsewhere.status_code == 422
    assert "something else" in another.json()["sentence"]
    unit.ask(where(unit.report, "ask"), sent)
    assert ReportEvent.objects.filter(kind="question").count() == 3


def test_without_an_idempotency_key_nothing_is_done(unit):
    headers = {"Authorization": f"Bearer {unit.token}"}
    for key in ({}, {"Idempotency-Key": "seven"}):
        answer = Client().post(where(unit.report, "ask"), {"words": "x"}, "application/json", headers=headers | key)
        assert answer.status_code == 422
        assert "Idempotency-Key" in answer.json()["sentence"]
    assert ReportEvent.objects.filter(kind="question").count() == 1


def test_foreign_records_answer_like_missing_ones(unit, other):
    nothing = unit.ask(f"{ROOT}/{uuid.uuid4()}")
    assert nothing.status_code == 404
    answers = [
        unit.ask(where(other.report)),
        unit.ask(where(other.report, "ask"), {"words": "x"}),
        unit.ask("/api/v1/x"),
    ]
    assert [answer.content for answer in answers] == [nothing.content] * 3
    assert not ReportEvent.objects.filter(report=other.report, by=unit.program.user_id).exists()


def test_after_withdrawal_the_next_request_finds_nothing(unit, ana, now):
    key, sent = uuid.uuid4(), {"words": "where?"}
    assert unit.ask(where(unit.report, "ask"), sent, key=key).status_code == 200
    consents.withdraw_consent_in_case(unit.consent, by=ana, now=now)
    assert unit.ask(where(unit.report)).status_code == 404
    assert unit.ask(where(unit.report, "ask"), sent, key=key).status_code == 404
    assert unit.ask(ROOT).json()["reports"] == []


def test_after_a_recall_the_report_is_gone_and_a_webhook_says_so(unit, new_report, ana, now):
    key, sent = uuid.uuid4(), {"folio": "F-7 inventado"}
    assert unit.ask(where(new_report, "receive"), sent, key=key).status_code == 200
    recall_report(new_report, why="invented", by=ana, now=now)
    assert unit.ask(where(new_report)).status_code == 404
    assert unit.ask(where(new_report, "receive"), sent, key=key).status_code == 404
    assert [line["code"] for line in unit.ask(ROOT).json()["reports"]] == [unit.report.code]
    deliveries = Delivery.objects.filter(path=where(new_report)).values_list("kind", flat=True)
    assert sorted(deliveries) == ["report.gone", "report.received", "report.sent"]


def test_only_a_person_with_a_reason_opens_a_report_closed_long_ago(unit, ana, now):
    """As on the page (P20): a program cannot give a reason."""
    DataKey.objects.filter(pk=unit.report.key_id).update(closed_at=now - 2 * STILL_CURRENT)
    before = Entry.objects.count()
    answer = unit.ask(where(unit.report))
    assert answer.status_code == 422
    assert "closed long ago" in answer.json()["sentence"]
    assert Entry.objects.count() == before


def test_webhooks_of_a_report_go_to_its_unit_only(unit, new_report, ana, now):
    Delivery.objects.all().delete()
    add_message(new_report, ReportEventKind.INFORMED, "she knows", by=ana, now=now)
    unit.ask(where(new_report, "receive"), {"folio": "F-7 inventado"})
    kinds = [(it.kind, it.agency_id, it.path) for it in Delivery.objects.order_by("at")]
    assert kinds == [
        (f"report.{kind}", new_report.to_agency_id, where(new_report)) for kind in ("informed", "received")
    ]


def test_a_refused_request_sends_no_webhook(unit, new_report):
    Delivery.objects.all().delete()
    unit.ask(where(new_report, "decide"), {"decision": "acted"})
    assert not Delivery.objects.exists()


def test_a_closed_case_does_not_close_the_report_at_once(unit, ana, now):
    case = unit.report.case
    for task in case.tasks.all()[1:]:
        finish_task(task, by=ana, now=now)
    close_case(case, "safe", by=ana, now=now)
    assert unit.ask(where(unit.report)).status_code == 200


@pytest.mark.parametrize(
    ("verb", "sent"),
    [("receive", {"folio": " "}), ("receive", {}), ("receive", []), ("receive", {"folio": "x" * 401}),
     ("decide", {"decision": "burnt"}), ("decide", {"decision": "acted", "words": "x" * 401}), ("ask", {"words": None}),
     ("ask", {"words": "\x00"}), ("ask", {"words": "\ud800"}), ("ask", {"words": "x" * 20_001})],
)  # fmt: skip
def test_invalid_input_is_refused_without_repeating_it(unit, verb, sent):
    answer = unit.ask(where(unit.report, verb), sent)
    assert answer.status_code == 422
    assert answer.json().keys() == {"sentence"}
    assert "burnt" not in answer.content.decode()
    assert "xxxx" not in answer.content.decode()

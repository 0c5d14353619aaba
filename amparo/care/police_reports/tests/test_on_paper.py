"""The PDF of a police report says what its page says, word for word, to the same users."""

import io

import pytest
from django.test import Client
from pypdf import PdfReader

from amparo.care.police_reports.models import Report
from amparo.care.police_reports.report_pdf import _user_text
from amparo.care.police_reports.rules import add_message
from amparo.foundation.access.models import Role, User
from tests.test_promises.access import agency, colleague, contact_of
from tests.test_promises.planting import Planted, plant_case

WORDS = {
    "name": "Zorzalinda “Ñusta” Quispealta", "number": "+51900778001", "address": "Jirón Quebracho",
    "words": "<b>tejedora</b> & otras… €5 «así»",
}  # fmt: skip


@pytest.fixture
def planted(db) -> Planted:
    liaison = colleague("teo", Role.POLICE_LIAISON, agency("police"))
    return plant_case(
        contact_of(colleague("ana")),
        WORDS.__getitem__,
        by=User.objects.get(username__startswith="ana"),
        liaison=liaison,
    )


def page_of(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(User.objects.get(pk=user.pk))
    return client


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_it_says_what_the_page_says(planted):
    answer = page_of(User.objects.get(role=Role.POLICE_LIAISON)).get(f"/reports/{planted.report.pk}/pdf")
    text = text_of(answer.content)
    assert (answer.headers["Content-Type"], "no-store" in answer.headers["Cache-Control"]) == ("application/pdf", True)
    expected = [WORDS["words"], WORDS["name"], WORDS["address"], planted.report.code, "recibida", "investigación"]
    assert [word for word in expected if word not in text] == []
    assert "1996" not in text  # other descriptions of the person stay in the case


def test_a_long_one_goes_on_over_pages(planted):
    liaison = User.objects.get(role=Role.POLICE_LIAISON)
    for _ in range(40):
        add_message(planted.report, "question", "invented question " * 20, by=liaison, now=planted.report.sent_at)
    pdf = page_of(liaison).get(f"/reports/{planted.report.pk}/pdf").content
    assert len(PdfReader(io.BytesIO(pdf)).pages) > 2


def test_signs_that_no_font_of_ours_has_are_told_and_no_letter_is_lost(planted):
    liaison = User.objects.get(role=Role.POLICE_LIAISON)
    add_message(planted.report, "question", "Jose\u0301\u200b 😀 שלום <i>", by=liaison, now=planted.report.sent_at)
    text = text_of(page_of(liaison).get(f"/reports/{planted.report.pk}/pdf").content)
    assert ("José [?] [?][?][?][?] <i>" in text, "[?]: " in text, "\0" in text) == (True, True, False)


def test_many_lines_are_as_quick_as_many_words():
    """A paragraph of n lines takes n² steps to lay out: each line is its own paragraph."""
    as_lines = _user_text("a\n" * 5000 + "b")
    assert (len(as_lines), {line.text for line in as_lines}) == (5001, {"a", "b"})


def test_who_may_not_read_it_has_no_paper_of_it(planted):
    assert page_of(colleague("rufino")).get(f"/reports/{planted.report.pk}/pdf").status_code == 404


def test_nothing_says_who_made_it(planted):
    pdf = page_of(User.objects.get(role=Role.POLICE_LIAISON)).get(f"/reports/{planted.report.pk}/pdf").content
    about = PdfReader(io.BytesIO(pdf)).metadata
    assert (about.title, about.author or "") == (planted.report.code, "")
    assert Report.objects.count() == 1

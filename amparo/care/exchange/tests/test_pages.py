"""The pages to export and import cases; an uploaded file is never written to disk."""

import json
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.care.cases.models import Case
from amparo.care.exchange.htcds_import import read_file
from amparo.foundation.access.models import User

from .conftest import WORDS
from .test_cases_out_and_in import A_CASE, file_of


@pytest.fixture
def as_():
    """Return a browser in which this user is signed in."""

    def as_(user: User) -> Client:
        User.objects.filter(pk=user.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
        client = Client(headers={"Sec-Fetch-Mode": "navigate"})
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return as_


def sent(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", ["json", "csv"])
def test_one_case_is_written_for_whom_she_agreed(as_, planted, ana, kind):
    answer = as_(ana).post(f"/cases/{planted.case.pk}/htcds", {"recipient": "police", "file": kind})
    assert f'filename="htcds-{planted.case.code}.{kind}"' in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert WORDS["name"] in json.dumps(read_file(sent(answer)), ensure_ascii=False)
    assert "HTCDS: policía" in as_(ana).get(f"/cases/{planted.case.pk}").content.decode()


def test_without_a_basis_the_page_says_so(as_, planted, ana):
    answer = as_(ana).post(f"/cases/{planted.case.pk}/htcds", {"recipient": "embassy", "file": "json"})
    assert (answer.status_code, "No hay base legal" in answer.content.decode()) == (422, True)


def test_what_says_nothing_is_refused_in_a_sentence(as_, planted, ana):
    assert as_(ana).post(f"/cases/{planted.case.pk}/htcds").status_code == 422


def test_all_cases_are_written_by_a_supervisor_who_says_why(as_, planted, marta):
    page = as_(marta)
    assert page.post("/exchange/export", {"file": "json"}).status_code == 422
    answer = page.post("/exchange/export", {"file": "json", "purpose": "review"})
    assert len(read_file(sent(answer))) == 1


def test_a_file_is_taken_in_or_refused_with_what_is_wrong(as_, marta, db):
    page = as_(marta)
    wrong = SimpleUploadedFile("cases.json", file_of(A_CASE, {"Case": {"cas_Status": "Activ"}}))
    answer = page.post("/exchange/import", {"purpose": "care", "cases": wrong})
    assert (answer.status_code, "«Activ»" in answer.content.decode()) == (422, True)
    assert not Case.objects.exists()
    answer = page.post("/exchange/import", {"purpose": "care", "cases": SimpleUploadedFile("x", file_of(A_CASE))})
    assert (answer.status_code, Case.objects.get().code in answer.content.decode()) == (200, True)


@pytest.mark.parametrize("size", [0, 5_000_001, 10_500_000])
def test_no_file_is_too_large_for_a_sentence(as_, marta, db, size):
    cases = SimpleUploadedFile("cases.json", b" " * size)
    answer = as_(marta).post("/exchange/import", {"purpose": "care", "cases": cases})
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)


def test_what_is_uploaded_touches_no_disk(as_, marta, db, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("a file on the disk")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refused)
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", refused)
    cases = SimpleUploadedFile("cases.json", file_of(A_CASE) + b" " * 4_000_000)  # Django's own limit is 2.5 MB
    assert as_(marta).post("/exchange/import", {"purpose": "care", "cases": cases}).status_code == 200


def test_who_is_no_supervisor_finds_no_such_page(as_, ana, db):
    assert as_(ana).get("/exchange").status_code == 404

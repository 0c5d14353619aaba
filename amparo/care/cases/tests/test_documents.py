"""Documents of a case: sealed, limited in type and size whatever the file name says, and inert when opened."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from amparo.care.cases.models import Document
from amparo.care.cases.models.documents import LARGEST
from amparo.care.cases.picklists import Closing
from amparo.care.cases.rules import add_document, close_case
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused

PDF = b"%PDF-1.7 invented words"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(30)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(30)


@pytest.fixture
def page(ana) -> Client:
    User.objects.filter(pk=ana.pk).update(is_invented=True)  # the demonstration's door asks for no second factor
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(User.objects.get(pk=ana.pk))
    return client


def send(page: Client, case, content: bytes, title: str = "her contract", name: str = "x.pdf"):
    return page.post(f"/cases/{case.pk}/documents", {"title": title, "file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize(("content", "kind"), [(PDF, "application/pdf"), (PNG, "image/png"), (JPEG, "image/jpeg")])
def test_a_document_is_sealed_and_comes_back_unchanged(page, case, ana, content, kind):
    assert send(page, case, content).status_code == 302
    assert "her contract" in page.get(f"/cases/{case.pk}").content.decode()
    with acting_as(ana.acting()):
        document = Document.objects.get()
        assert (document.kind, document.size) == (kind, len(content))
    with connection.cursor() as cursor:
        cursor.execute("select content, title from cases_document")
        assert [bytes(sealed).find(content[:20]) for sealed in cursor.fetchone()] == [-1, -1]
    answer = page.get(f"/cases/{case.pk}/documents/{document.pk}")
    assert (answer.content, answer.headers["Content-Type"]) == (content, kind)


def test_an_opened_document_runs_no_code(page, case):
    send(page, case, PDF)
    answer = page.get(f"/cases/{case.pk}/documents/{Document.objects.get().pk}")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert (answer.headers["X-Content-Type-Options"], "no-store" in answer.headers["Cache-Control"]) == (
        "nosniff",
        True,
    )


WRONG = [b"", b"<html><script>alert(1)</script>", b"MZ\x90\x00", b"PK\x03\x04", b"GIF89a", b"hello", b"\0" * 99]


@pytest.mark.parametrize("content", [*WRONG, PDF + bytes(LARGEST)])
def test_another_kind_or_too_large_is_refused_in_a_sentence(page, case, content):
    answer = send(page, case, content, name="contract.pdf")
    assert (answer.status_code, 'role="alert"' in answer.content.decode()) == (422, True)
    assert "her contract" in answer.content.decode()  # what was typed is still there
    assert not Document.objects.exists()


def test_whoever_is_not_in_the_team_finds_none(page, case, stranger, ana, now):
    document = add_document(case, "her contract", PDF, by=ana, now=now)
    client = Client()
    client.force_login(stranger)
    assert client.get(f"/cases/{case.pk}/documents/{document.pk}").status_code == 404
    with pytest.raises(Refused):
        add_document(case, "x", PDF, by=stranger, now=now)


def test_a_closed_case_takes_no_more(case, ana, now):
    close_case(case, Closing.SAFE, by=ana, now=now)
    with pytest.raises(Refused, match="closed"):
        add_document(case, "her contract", PDF, by=ana, now=now)


def test_it_is_of_this_case_alone(page, case, ana, now):
    document = add_document(case, "her contract", PDF, by=ana, now=now)
    assert page.get(f"/cases/{document.pk}/documents/{document.pk}").status_code == 404

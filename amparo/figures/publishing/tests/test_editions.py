"""Editions: drafted by one publisher, published by another, protected, never changed, only corrected."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.test import Client
from django.utils import timezone

from amparo.figures.publishing import public
from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.rules import correct_edition, discard_edition, draft_edition, publish_edition
from amparo.figures.publishing.safe_tables import edition_document
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.rules import count_months
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import Contact
from amparo.line.contacts.picklists import Type
from tests.test_promises.access import as_process

pytestmark = pytest.mark.django_db


def by_department(document) -> dict[str, int | None]:
    return document["tables"]["contacts_by_department"]["cells"]


def written(about: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("select what from audit_entry where about = %s order by id", [about])
        return [what for (what,) in cursor.fetchall()]


def test_an_edition_publishes_protected_counts(draft, paula):
    with acting_as(paula.acting()):
        document = edition_document(draft)
    cells = by_department(document)
    assert {cell for cell, count in cells.items() if count} == {"15", "08"}
    assert (cells["15"], cells["08"], cells["25"], cells["not_said"], cells["01"]) == (30, 20, None, None, None)
    assert document["tables"]["contacts_by_department"]["total"] == 95  # 93, rounded to the nearest five
    assert document["tables"]["reports_by_answer"] == {"total": None, "cells": {"late": None, "in_time": None}}


def test_a_second_publisher_publishes_it(draft, paula, bruno, now):
    with pytest.raises(Refused, match="Another publisher"):
        publish_edition(draft, by=paula, now=now)
    edition = publish_edition(draft, by=bruno, now=now)
    assert (edition.is_published, edition.published_by) == (True, bruno)
    # done twice, the first time stays
    assert publish_edition(draft, by=bruno, now=now + timedelta(days=9)).published_at == now
    assert edition.document["published_on"] == timezone.localdate(now).isoformat()


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.PUBLISHER}))
def test_other_roles_cannot_draft_or_publish(draft, quarter, now, role):
    somebody = User.objects.create(username="somebody", role=role)
    for verb in (
        lambda: draft_edition(quarter.previous, by=somebody, now=now),
        lambda: publish_edition(draft, by=somebody, now=now),
        lambda: correct_edition(draft, "x", by=somebody, now=now),
        lambda: discard_edition(draft, by=somebody, now=now),
    ):
        with pytest.raises(Refused, match="role"):
            verb()


def test_drafts_are_for_publishers_and_published_editions_for_everybody(draft, ana, paula, bruno, now):
    with acting_as(ana.acting()):
        assert not Edition.objects.exists()
    publish_edition(draft, by=bruno, now=now)
    with acting_as(ana.acting()):
        assert Edition.objects.get().document["tables"]
        assert not Snapshot.objects.exists()


def test_a_quarter_has_one_first_edition(published, quarter, paula, now):
    with pytest.raises(Refused, match="There is an edition"):
        draft_edition(quarter, by=paula, now=now)
    with pytest.raises(IntegrityError, match="overlap"), acting_as(paula.acting()):
        Edition.objects.create(
            first_day=quarter.first, snapshot=_another(published, paula, now), drafted_at=now, drafted_by=paula
        )


def test_no_edition_is_of_a_time_that_overlaps_a_quarter(published, quarter, paula, now):
    with pytest.raises(IntegrityError, match="of_a_month_or_a_quarter"), acting_as(paula.acting()):
        Edition.objects.create(
            first_day=quarter.first.replace(day=2),
            snapshot=_another(published, paula, now),
            drafted_at=now,
            drafted_by=paula,
        )


def _another(edition, paula, now) -> Snapshot:
    return count_months(edition.period, by=paula, now=now)


def test_a_correction_gives_a_reason_and_is_protected_beside_the_first(published, called, paula, bruno, now):
    with pytest.raises(Refused, match="Say what"):
        correct_edition(published, " ", by=paula, now=now)
    called(2, "15")
    called(25, "08")
    correction = correct_edition(published, "invented: a day was missing", by=paula, now=now)
    with acting_as(paula.acting()):
        document = edition_document(correction)
    cells = by_department(document)
    # 08 grew by 25, but 15 by two: both stay, or the total would reveal the change
    assert (cells["15"], cells["08"]) == (30, 20)
    assert document["corrects"] == published.pk
    assert document["tables"]["contacts_by_type"]["total"] is not None


def test_a_correction_lists_changed_numbers(published, called, paula, bruno, now):
    called(300, "08")
    called(200, "15")
    called(50)
    correction = correct_edition(published, "invented: days were missing", by=paula, now=now)
    corrected = publish_edition(correction, by=bruno, now=now)
    changes = [it for it in corrected.document["changes"] if it["table"] == "contacts_by_department"]
    assert {(it["cell"], it["was"], it["is"]) for it in changes} == {
        (None, 95, 645), ("08", 20, 320), ("15", 30, 230)
    }  # fmt: skip
    assert Edition.objects.published().newest_first().first() == corrected


def test_a_correction_can_be_corrected(published, paula, bruno, now):
    correction = correct_edition(published, "invented", by=paula, now=now)
    with pytest.raises(Refused, match="a draft"):
        correct_edition(correction, "invented", by=paula, now=now)
    publish_edition(correction, by=bruno, now=now)
    with pytest.raises(Refused, match="There is a correction"):
        correct_edition(published, "invented", by=paula, now=now)
    assert correct_edition(correction, "invented again", by=bruno, now=now).chain_of_corrections == [
        published, correction, Edition.objects.order_by("pk").last()
    ]  # fmt: skip


def test_a_second_correction_is_protected_beside_the_first_edition_too(published, called, ana, paula, bruno, now):
    called(300, "15")
    called(300, "08")
    called(50)
    second = publish_edition(correct_edition(published, "invented", by=paula, now=now), by=bruno, now=now)
    assert (by_department(second.document)["15"], by_department(second.document)["08"]) == (330, 320)
    with acting_as(ana.acting()):
        for ubigeo, many in (("15", 297), ("08", 40)):
            mistaken = Contact.objects.filter(ubigeo=ubigeo).values("pk")[:many]
            Contact.objects.filter(pk__in=mistaken).update(type=Type.PRANK)
    third = publish_edition(correct_edition(second, "invented", by=paula, now=now), by=bruno, now=now)
    # 33 called from 15: three more than the first edition said. That 40 fewer called from 08 would tell it
    assert (by_department(third.document)["15"], by_department(third.document)["08"]) == (330, 320)


def test_a_draft_can_be_discarded_and_a_published_edition_cannot(draft, quarter, paula, bruno, now):
    discard_edition(draft, by=bruno, now=now)
    again = discard_edition(draft, by=bruno, now=now)
    assert not again.is_published
    edition = publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)
    with pytest.raises(Refused, match="correct it"):
        discard_edition(edition, by=bruno, now=now)


def test_drafting_and_publishing_are_in_the_ledger(published, paula, bruno, now):
    assert written(f"edition {published.pk}") == ["draft_edition", "publish_edition"]
    assert written(f"snapshot {published.snapshot.pk}") == ["count_months"]


@pytest.mark.django_db(transaction=True)
def test_the_database_requires_two_people_and_protects_published_editions(draft, paula, bruno, now):
    forged = "insert into publishing_edition (first_day, snapshot_id, why, drafted_at, drafted_by_id)"
    alone = "update publishing_edition set published_at = now(), document = '{}', published_by_id = "
    with as_process("web", paula.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(f"{forged} values ('2024-01-01', {draft.snapshot.pk}, '', now(), {bruno.pk})")
    with as_process("web", paula.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute(f"{alone} {bruno.pk}")
    with as_process("web", paula.acting()) as link, pytest.raises(psycopg.errors.CheckViolation):
        link.execute(f"{alone} {paula.pk}")
    publish_edition(draft, by=bruno, now=now)
    with as_process("web", bruno.acting()) as link:
        assert link.execute(f"{alone} {bruno.pk}").rowcount == 0
        assert link.execute("delete from publishing_edition").rowcount == 0
    with as_process("web", bruno.acting()) as link, pytest.raises(psycopg.errors.InsufficientPrivilege):
        link.execute("update publishing_edition set why = 'x'")


def the_file(edition: Edition) -> Path:
    name = f"{edition.first_day.isoformat()}-{edition.months}-{edition.pk}.json"
    return settings.ENVIRONMENT.home / "published" / public.FOLDER / name


def test_a_published_edition_is_written_to_a_file_and_a_draft_is_not(
    draft, bruno, now, django_capture_on_commit_callbacks
):
    assert public.latest_document() is None
    with django_capture_on_commit_callbacks(execute=True):
        edition = publish_edition(draft, by=bruno, now=now)
    assert public.latest_document() == edition.document
    assert the_file(edition).exists()


def test_the_file_is_rewritten_from_the_database(published):
    the_file(published).unlink()
    assert public.latest_document() is None
    public.rewrite()
    assert public.latest_document() == published.document


@pytest.mark.parametrize("bytes", [b"", b"{", b"[]", b"\xff", b"null"])
def test_an_unreadable_file_counts_as_no_edition(published, bytes):
    the_file(published).write_bytes(bytes)
    assert public.latest_document() is None
    assert Client().get(f"/figures/{published.pk}.csv").status_code == 404


def test_publishing_succeeds_when_the_file_cannot_be_written(
    draft, bruno, now, caplog, django_capture_on_commit_callbacks
):
    the_file(draft).mkdir(parents=True)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert publish_edition(draft, by=bruno, now=now).is_published
        assert "could not be written" in caplog.text
        assert public.latest_document() is None
    finally:
        the_file(draft).rmdir()

"""What Django's own checks say of the models, such as a column that is too short for one of its choices."""

import pytest
from django.apps import apps
from django.core import checks
from django.db import models

pytestmark = pytest.mark.django_db


def test_django_finds_no_fault():
    assert checks.run_checks() == []


def test_the_control_a_column_too_short_for_its_choices_is_found(monkeypatch):
    kind = apps.get_model("switchboard", "CallEvent")._meta.get_field("kind")
    assert isinstance(kind, models.CharField)
    monkeypatch.setattr(kind, "max_length", 3)
    assert "fields.E009" in {fault.id for fault in checks.run_checks()}

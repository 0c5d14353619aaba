"""Administrators of the hotline set the line on its page; bad input says one sentence, and others see a 404."""

import re

import pytest
from django.test import Client

from amparo.foundation.line_settings import rules
from amparo.foundation.line_settings.models import SettingChange
from amparo.foundation.line_settings.rules import SETTINGS

PAGE = "/installation/line"
SMS = {
    "AMPARO_SMS": "smpp://127.0.0.1:2775", "AMPARO_SMS_NUMBER": "000000001", "AMPARO_SMS_USER": "invented",
    "AMPARO_SMS_PASSWORD": "invented",
}  # fmt: skip


@pytest.fixture
def administrator(stranger) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


def save(client: Client, setting: str, value: str):
    return client.post(f"{PAGE}/change", {"setting": setting, "value": value})


def field(page: str, name: str) -> str:
    return re.search(rf'id="{name}" value="([^"]*)"', page)[1]


def test_each_setting_has_a_field_with_its_value(administrator):
    page = administrator.get(PAGE).content.decode()
    assert [setting.name for setting in SETTINGS if f'<label for="{setting.name}">' not in page] == []
    assert field(page, "ring_seconds") == "20"


def test_a_change_is_shown_with_who_and_can_be_undone(administrator, stranger):
    assert save(administrator, "police_number", "105").status_code == 302
    page = administrator.get(PAGE).content.decode()
    assert field(page, "police_number") == "105"
    assert f"{stranger}, " in page
    [change] = SettingChange.objects.all()
    assert administrator.post(f"{PAGE}/undo", {"change": change.pk}).status_code == 302
    assert rules.load() == rules.LineSettings()


def test_the_name_of_the_line_stands_on_the_pages_of_the_staff_in_place_of_ours(administrator):
    page = administrator.get(PAGE).content.decode()
    assert "<title>La línea · Amparo</title>" in page
    assert "<span>Amparo</span>" in page
    assert save(administrator, "name", "Línea <Sol>").status_code == 302
    page = administrator.get(PAGE).content.decode()
    assert "<title>La línea · Línea &lt;Sol&gt;</title>" in page
    assert "<span>Línea &lt;Sol&gt;</span>" in page
    assert field(page, "name") == "Línea &lt;Sol&gt;"


def test_what_cannot_be_used_stays_in_its_field_with_one_sentence(administrator):
    answer = save(administrator, "ring_seconds", "5")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert field(page, "ring_seconds") == "5"
    assert "escriba un número de 10 a 60." in page
    assert rules.load() == rules.LineSettings()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("change", {"setting": "DATABASE_URL", "value": "x"}), ("change", {}), ("undo", {}), ("undo", {"change": "²"}),
        ("undo", {"change": "9" * 40}), ("undo", {"change": "0"}),
    ],
)  # fmt: skip
def test_what_is_no_setting_and_no_change_is_refused_in_a_sentence(administrator, path, form):
    answer = administrator.post(f"{PAGE}/{path}?language=en", form)
    assert answer.status_code == 422
    assert f"There is no such {'setting' if path == 'change' else 'change'}." in answer.content.decode()


def test_the_whole_first_answer_is_shown_with_the_lines_own_sentence(administrator, monkeypatch):
    for name, value in SMS.items():
        monkeypatch.setenv(name, value)
    assert save(administrator, "greeting_es", "Gracias por tratar de escribirnos.").status_code == 302
    page = administrator.get(PAGE).content.decode()
    answer = re.search(r'<details id="answer-1">.*?</details>', page, re.DOTALL)[0]
    assert "Gracias por tratar de escribirnos. " in answer
    assert "debamos avisar a otros" in answer


def test_others_change_nothing(marta):
    client = Client()
    client.force_login(marta)
    assert save(client, "ring_seconds", "30").status_code == 404
    assert client.post(f"{PAGE}/undo", {"change": "1"}).status_code == 404
    assert not SettingChange.objects.exists()

"""Administrators change the words of the forms on a page; bad input says one sentence, and others see a 404."""

import re

import pytest
from django.test import Client
from django.utils import translation

from amparo.foundation.core.form_fields import choice_field
from amparo.foundation.core.picklists import LINE_LISTS
from amparo.foundation.words.models import WordChange
from amparo.line.contacts.picklists import HeardOfUs
from amparo.line.roster.forms import EmploymentForm
from amparo.line.roster.models import Skill
from amparo.programme.campaigns.forms import SpotForm
from amparo.screens.administration import word_lists

LISTS = "/installation/lists"
PAGE = f"{LISTS}/heard-of-us"
FAIR = {"es": "Feria <invented>", "en": "Invented fair", "qu": ""}


@pytest.fixture
def administrator(stranger) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


def post(client: Client, path: str, **form: str):
    return client.post(f"{PAGE}/{path}", form)


def field(page: str, id: str) -> str:
    return re.search(rf'id="{id}" name="\w\w" lang="\w\w" value="([^"]*)"', page)[1]


def test_each_list_has_a_title_a_sentence_and_a_page(administrator, django_assert_max_num_queries):
    page = administrator.get(f"{LISTS}?language=en").content.decode()
    for words, of_line in LINE_LISTS.items():
        with translation.override("en"):
            assert f'<a href="{LISTS}/{of_line.id}">{of_line.title}</a>' in page
            assert str(of_line.sentence) in page
        with django_assert_max_num_queries(20):
            own = administrator.get(f"{LISTS}/{of_line.id}?language=en").content.decode()
        assert own.count("/rename") == len(words)
        assert ("/add" in own) == of_line.grows
    assert len({of_line.id for of_line in LINE_LISTS.values()}) == len(LINE_LISTS)


def test_a_word_is_added_renamed_moved_retired_and_brought_back(administrator, stranger):
    assert post(administrator, "add", **FAIR).status_code == 302
    page = administrator.get(f"{PAGE}?language=en").content.decode()
    assert [field(page, f"{it}-own-01") for it in ("es", "en", "qu")] == ["Feria &lt;invented&gt;", "Invented fair", ""]
    assert f"{stranger}, " in page
    for path, form in (
        ("rename", {**FAIR, "es": "Feria"}), ("move", {"to": "up"}), ("retire", {}), ("back", {}), ("retire", {}),
    ):  # fmt: skip
        assert post(administrator, path, code="own-01", **form).status_code == 302
    page = administrator.get(f"{PAGE}?language=es").content.decode()
    assert field(page, "es-own-01") == "Feria"
    assert page.count('data-state="retired"') == 1
    newest = WordChange.objects.newest_first().first()
    assert post(administrator, "undo", change=str(newest.pk)).status_code == 302
    assert 'data-state="retired"' not in administrator.get(PAGE).content.decode()


def test_a_word_that_was_moved_stands_open_so_that_it_moves_on_by_one_key(administrator):
    moved = administrator.post(f"{PAGE}/move", {"code": "radio", "to": "down"}, follow=True).content.decode()
    [opened] = re.findall(r"<details open><summary autofocus><b>(.*?)</b>", moved)
    assert opened == "Radio"
    refused = post(administrator, "move", code="tv", to="up").content.decode()
    assert "autofocus><b>" not in refused, "the sentence has the focus"


def test_what_cannot_be_used_stays_in_its_fields_with_one_sentence(administrator):
    for path, code, id in (("add", "", "new"), ("rename", "tv", "tv")):
        answer = post(administrator, path, code=code, es="Radio", en="<Wireless>", qu="")
        page = answer.content.decode()
        assert answer.status_code == 422
        assert (field(page, f"es-{id}"), field(page, f"en-{id}")) == ("Radio", "&lt;Wireless&gt;")
        assert "ya tiene «Radio»" in page
    assert not WordChange.objects.exists()


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("rename", {}), ("rename", {"code": "own-99", "es": "x"}), ("add", {}), ("retire", {"code": "\x00"}),
        ("retire", {"code": "not_asked"}), ("back", {"code": "tv"}), ("move", {"code": "tv", "to": "away"}),
        ("undo", {}), ("undo", {"change": "²"}), ("undo", {"change": "9" * 40}), ("undo", {"change": "0"}),
    ],
)  # fmt: skip
def test_what_is_no_word_and_no_change_is_refused_in_a_sentence(administrator, path, form):
    answer = post(administrator, path, **form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not WordChange.objects.exists()


def test_a_list_that_does_not_exist_and_another_role_find_nothing(administrator, marta):
    assert administrator.get(f"{LISTS}/no-list").status_code == 404
    other = Client()
    other.force_login(marta)
    for path in ("", "/rename", "/add", "/retire", "/back", "/move", "/undo"):
        assert other.post(f"{PAGE}{path}", FAIR).status_code in (403, 404, 405)
    assert not WordChange.objects.exists()


def test_forms_offer_the_words_of_the_line_and_keep_a_retired_one_that_was_chosen(administrator):
    post(administrator, "add", **FAIR)
    post(administrator, "retire", code="radio")
    for path in ("media/add", "skills/add"):
        administrator.post(f"{LISTS}/{path}", FAIR)
    administrator.get(PAGE)  # the copy of this process
    form = choice_field(HeardOfUs, "")
    assert "Feria &lt;invented&gt;" in form.widget.render("heard", "own-01")
    assert 'value="radio"' not in form.widget.render("heard", "")
    assert 'value="radio" selected' in form.widget.render("heard", "radio")
    assert form.clean("own-01") == "own-01"
    assert "Feria &lt;invented&gt;" in str(SpotForm()["medium"])
    assert "Feria &lt;invented&gt;" in str(EmploymentForm(people=[])["skills"])
    assert Skill.label_of("own-01") == "Feria <invented>"


def test_a_reason_for_closing_says_under_which_word_it_is_counted(administrator):
    page = administrator.post(f"{LISTS}/closings/add", {**FAIR, "counts_as": "no-reason"})
    assert page.status_code == 422
    assert "cifras publicadas" in page.content.decode()
    assert administrator.post(f"{LISTS}/closings/add", {**FAIR, "counts_as": "lost"}).status_code == 302
    page = administrator.get(f"{LISTS}/closings?language=en").content.decode()
    assert "Counted in the published figures as: we could not reach the person again." in page
    assert "Invented fair, counted as “we could not reach the person again”</td>" in page
    assert "counts_as" not in administrator.get(PAGE).content.decode()


def test_the_file_of_all_lists_has_the_words_of_the_line(administrator):
    post(administrator, "add", **FAIR)
    administrator.get(PAGE)
    with translation.override("en"):
        [row] = [row for row in word_lists.csv_rows() if row[2] == "own-01"]
    assert row[3:6] == ["Feria <invented>", "Invented fair", ""]

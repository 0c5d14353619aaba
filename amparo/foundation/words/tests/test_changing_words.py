"""A word of a list is renamed, added, retired and moved, kept with who did it, undone, and known to every process."""

import asyncio
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.utils import translation

from amparo.care.cases.picklists import Closing
from amparo.care.referrals.picklists import DeclineReason
from amparo.foundation.access.models import Role, User
from amparo.foundation.audit.models import Entry
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.live import NotificationHub, conninfo, follow
from amparo.foundation.core.picklists import FOLDER, LINE_LISTS
from amparo.foundation.core.refusal import Refused
from amparo.foundation.words import rules
from amparo.foundation.words.models import WordChange
from amparo.line.contacts.picklists import HeardOfUs, Urgency

pytestmark = pytest.mark.django_db
FAIR = {"es": "Feria invented", "en": "Fair invented"}


@pytest.fixture
def adela(db) -> User:
    return User.objects.create(username="adela", role=Role.ADMINISTRATOR)


@pytest.fixture(autouse=True)
def no_file() -> Iterator[None]:
    documents.replace_documents(FOLDER, {})
    yield
    documents.replace_documents(FOLDER, {})


def add(texts: dict[str, str], by: User, words=HeardOfUs) -> str:
    return rules.add_word(words, texts, by=by).code


def in_language(language: str, code: str, words=HeardOfUs) -> str:
    rules.refresh()
    with translation.override(language):
        return words.label_of(code)


def offered(words=HeardOfUs) -> list[str]:
    rules.refresh()
    return [code for code, _label in words.offered()]


def test_a_renamed_word_is_shown_in_each_language_and_stands_in_the_ledger(adela):
    change = rules.rename_word(HeardOfUs, "radio", {"es": " Radio  Sol ", "en": "Radio", "qu": "Radio qu"}, by=adela)
    assert [in_language(it, "radio") for it in ("es", "en", "qu")] == ["Radio Sol", "Radio", "Radio qu"]
    assert str(HeardOfUs.RADIO.label) == "Radio Sol", "a member shows it too, wherever its label was taken before"
    assert (change.before, change.value["es"], change.by) == (None, "Radio Sol", adela)
    assert Entry.objects.filter(what="rename_word", about=f"wordchange {change.pk}", user_id=adela.pk).count() == 1
    assert in_language("es", "tv") == "Televisión", "the control: another word is as shipped"


def test_without_a_translation_the_new_word_stands_in_for_an_untranslated_one(adela):
    rules.rename_word(DeclineReason, "full", {"es": "sin sitio"}, by=adela)
    assert in_language("es", "full", DeclineReason) == "sin sitio"
    assert in_language("en", "full", DeclineReason) == "there is no place now"
    code = add({"es": "cerrado hoy"}, adela, DeclineReason)
    assert [in_language(it, code, DeclineReason) for it in ("es", "en", "qu")] == ["cerrado hoy"] * 3


def test_an_added_word_is_offered_last_and_its_code_is_never_a_shipped_one(adela):
    first, second = add(FAIR, adela), add({"es": "Mercado invented"}, adela)
    assert (first, second) == ("own-01", "own-02")
    assert offered()[-2:] == [first, second]
    assert [code for words in LINE_LISTS for code in words.values if code.startswith("own-")] == []


def test_a_retired_word_is_no_longer_offered_and_stays_readable(adela):
    code = add(FAIR, adela)
    for each in (code, "radio"):
        rules.retire_word(HeardOfUs, each, by=adela)
    assert {code, "radio"} & set(offered()) == set()
    assert in_language("en", code) == "Fair invented"
    assert dict(HeardOfUs.options())["radio"] == "Radio"
    with pytest.raises(Refused, match="nada"):
        rules.retire_word(HeardOfUs, "radio", by=adela)  # twice
    rules.bring_word_back(HeardOfUs, "radio", by=adela)
    assert "radio" in offered()
    with pytest.raises(Refused, match="nada"):
        rules.bring_word_back(HeardOfUs, "radio", by=adela)


def test_a_word_moves_by_one_place_among_those_that_are_offered(adela):
    assert offered()[:3] == ["tv", "radio", "newspaper"]
    rules.retire_word(HeardOfUs, "radio", by=adela)
    change = rules.move_word(HeardOfUs, "newspaper", -1, by=adela)
    assert offered()[:2] == ["newspaper", "tv"]
    with pytest.raises(Refused, match="nada"):
        rules.move_word(HeardOfUs, "newspaper", -1, by=adela)
    rules.undo_word_change(change, by=adela)
    assert offered()[:2] == ["tv", "newspaper"]


def test_an_undo_brings_back_what_was_before_and_only_of_the_newest(adela):
    first = rules.rename_word(HeardOfUs, "tv", {"es": "Tele uno"}, by=adela)
    second = rules.rename_word(HeardOfUs, "tv", {"es": "Tele dos"}, by=adela)
    with pytest.raises(Refused, match="ha cambiado"):
        rules.undo_word_change(first, by=adela)
    rules.undo_word_change(second, by=adela)
    assert in_language("es", "tv") == "Tele uno"
    with pytest.raises(Refused, match="ha cambiado"):
        rules.undo_word_change(second, by=adela)  # twice
    [newest] = WordChange.objects.newest_of_each()
    rules.undo_word_change(newest, by=adela)
    assert in_language("es", "tv") == "Tele dos"


def test_an_added_word_is_retired_by_an_undo_because_it_may_be_in_use(adela):
    change = rules.add_word(HeardOfUs, FAIR, by=adela)
    rules.undo_word_change(change, by=adela)
    assert change.code not in offered()
    assert in_language("es", change.code) == "Feria invented"
    assert add({"es": "Mercado invented"}, adela) == "own-02", "its code is not given away"


@pytest.mark.parametrize(
    "texts",
    [{}, {"es": " "}, {"en": "Fair"}, {"es": "a" * 81}, {"es": "Feria\x07"}, {"es": "Feria\x00"}, {"es": "radio"},
     {"es": "Feria", "en": "Television"}, {"es": "\ud800"}],
)  # fmt: skip
def test_a_word_that_cannot_be_used_is_refused_in_a_sentence(adela, texts):
    with pytest.raises(Refused) as refused:
        rules.add_word(HeardOfUs, texts, by=adela)
    assert str(refused.value).endswith(".")
    assert not WordChange.objects.exists()


def test_a_list_that_amparo_works_with_is_only_renamed(adela):
    rules.rename_word(Urgency, "soon", {"es": "En una semana"}, by=adela)
    assert in_language("es", "soon", Urgency) == "En una semana"
    attempts = [
        lambda: rules.add_word(Urgency, FAIR, by=adela), lambda: rules.retire_word(Urgency, "soon", by=adela),
        lambda: rules.move_word(Urgency, "soon", -1, by=adela),
        lambda: rules.retire_word(HeardOfUs, "not_asked", by=adela),
        lambda: rules.rename_word(Role, "operator", FAIR, by=adela),
        lambda: rules.rename_word(HeardOfUs, "own-01", FAIR, by=adela),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(Refused):
            attempt()


def test_a_word_comes_not_back_beside_another_that_looks_the_same(adela):
    change = rules.retire_word(HeardOfUs, "radio", by=adela)
    rules.add_word(HeardOfUs, {"es": "Radio"}, by=adela)
    for attempt in (
        lambda: rules.bring_word_back(HeardOfUs, "radio", by=adela),
        lambda: rules.undo_word_change(change, by=adela),
    ):
        with pytest.raises(Refused, match="«Radio»"):
            attempt()


def test_the_last_word_of_a_list_is_not_retired(adela):
    *others, last = offered(DeclineReason)
    for code in others:
        rules.retire_word(DeclineReason, code, by=adela)
    with pytest.raises(Refused, match="última"):
        rules.retire_word(DeclineReason, last, by=adela)


def test_an_added_reason_counts_for_good_under_a_shipped_one(adela):
    for counts_as in ("", "own-01", "handed_over", "invented"):
        with pytest.raises(Refused, match="cifras publicadas"):
            rules.add_word(Closing, FAIR, counts_as=counts_as, by=adela)
    with pytest.raises(Refused, match="cifras publicadas"):
        rules.add_word(HeardOfUs, FAIR, counts_as="radio", by=adela)
    code = rules.add_word(Closing, FAIR, counts_as="lost", by=adela).code
    rules.rename_word(Closing, code, {"es": "Otra invented"}, by=adela)
    rules.retire_word(Closing, code, by=adela)
    rules.refresh()
    assert (Closing.counted_as(code), Closing.counted_as("safe"), Closing.counted_as("x")) == ("lost", "safe", "x")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else_changes_a_word(adela, role):
    other, change = User.objects.create(username="other", role=role), rules.add_word(HeardOfUs, FAIR, by=adela)
    for attempt in (
        lambda: rules.rename_word(HeardOfUs, "tv", FAIR, by=other), lambda: rules.add_word(HeardOfUs, FAIR, by=other),
        lambda: rules.retire_word(HeardOfUs, "tv", by=other), lambda: rules.move_word(HeardOfUs, "tv", 1, by=other),
        lambda: rules.bring_word_back(HeardOfUs, "tv", by=other), lambda: rules.undo_word_change(change, by=other),
    ):  # fmt: skip
        with pytest.raises(Refused, match="función"):
            attempt()
    with pytest.raises(Exception, match="row-level security"), acting_as(other.acting()), transaction.atomic():
        WordChange.objects.create(list="heard-of-us", code="tv", value=None, by=other)


def test_the_database_lets_nobody_rewrite_a_change(adela):
    rules.add_word(HeardOfUs, FAIR, by=adela)
    for statement in ("update words_wordchange set value = null", "delete from words_wordchange"):
        with (
            pytest.raises(Exception, match="permission denied"), acting_as(adela.acting()),
            transaction.atomic(), connection.cursor() as cursor,
        ):  # fmt: skip
            cursor.execute(statement)


def test_what_a_version_cannot_use_counts_as_shipped(adela):
    for code, value in (("tv", 7), ("radio", {"es": 5}), ("own-01", {"es": ""}), ("", ["gone", "tv"]), ("x", [])):
        WordChange.objects.create(list="heard-of-us", code=code, value=value, by=adela)
    WordChange.objects.create(list="of-another-version", code="a", value={"es": "b"}, by=adela)
    assert [code for code in offered() if code not in HeardOfUs.values] == []
    assert in_language("es", "tv") == "Televisión"


def test_a_process_without_a_copy_reads_a_file_and_no_row(
    adela, django_assert_num_queries, django_capture_on_commit_callbacks
):
    rules.keep(None)
    with django_capture_on_commit_callbacks(execute=True):
        code = add(FAIR, adela)
    with django_assert_num_queries(0):
        assert HeardOfUs.label_of(code) == "Feria invented"
    WordChange.objects.create(list="heard-of-us", code=code, value={"es": "Otra"}, by=adela)
    assert HeardOfUs.label_of(code) == "Feria invented", "the control: it is the file that is read"
    rules.rewrite()
    assert HeardOfUs.label_of(code) == "Otra"


@pytest.mark.django_db(transaction=True)
async def test_a_running_process_takes_a_change_without_a_start():
    following = asyncio.create_task(follow(NotificationHub(conninfo()), {rules.TOPIC: rules.load_copy}))
    try:
        for word in ("Tele uno", "Tele dos"):
            await asyncio.to_thread(_rename_elsewhere, word)
            async with asyncio.timeout(30):
                while HeardOfUs.label_of("tv") != word:
                    await asyncio.sleep(0.02)
    finally:
        following.cancel()


def _rename_elsewhere(word: str) -> None:
    adela, _made = User.objects.get_or_create(username="adela", role=Role.ADMINISTRATOR)
    rules.rename_word(HeardOfUs, "tv", {"es": word}, by=adela)
    connection.close()

"""Text typed in a real browser survives refreshes, lost connections, other tabs and a killed server."""

import pytest
from playwright.sync_api import Error, expect

from amparo.line.contacts.models import Contact
from tests.keys import let_in

from .tabs import PATIENCE, expect_saved, kept, notes, open_page, saved, session_of, until

# As the console does when a call ends and the contact is closed.
DRAW_ANEW = """async () => {
  const old = document.querySelector("#conversation"), drawn = old.cloneNode(true);
  drawn.querySelector("#id_notes").value = "";
  old.replaceWith(drawn);
  const loaded = performance.getEntriesByType("resource").map((it) => it.name);
  (await import(loaded.find((name) => name.endsWith("/contacts/conversation.js")))).keepConversation(drawn);
}"""

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refresh_in_the_middle_of_a_word_loses_nothing(sit_down, ana, fresh):
    page = sit_down(ana)
    notes(page).press_sequentially("she is in the kit")
    page.reload()
    expect(notes(page)).to_have_value("she is in the kit", timeout=PATIENCE)
    notes(page).press("End")
    notes(page).press_sequentially("chen")
    expect_saved(page)
    assert fresh().notes == "she is in the kitchen"
    assert kept(page) == ""
    assert Contact.objects.count() == 1


def test_long_notes_in_letters_of_three_bytes_go_up(sit_down, ana, fresh):
    """Longer in bytes, but not in letters, than a browser lets a request outlive its page."""
    page = sit_down(ana)
    notes(page).fill("語" * 25_000)
    expect_saved(page)
    assert len(fresh().notes) == 25_000


def test_what_is_typed_and_ticked_before_the_script_runs_is_kept(sit_down, web, contact, ana, fresh):
    page = sit_down(ana)
    late = []
    page.route("**/contacts/contact.js", lambda route: late.append(route))
    page.goto(page.url, wait_until="commit")
    notes(page).press_sequentially("typed too early")
    page.locator("[name=urgency][value=urgent]").check()
    until(lambda: late)
    late[0].continue_()
    expect_saved(page)
    assert (fresh().notes, fresh().urgency) == ("typed too early", "urgent")


def test_what_is_typed_while_the_link_is_cut_goes_up_later(sit_down, ana, fresh):
    page = sit_down(ana)
    page.context.set_offline(True)
    notes(page).press_sequentially("typed in the dark")
    expect(saved(page)).to_have_attribute("data-state", "offline", timeout=PATIENCE)
    assert "typed in the dark" in kept(page)
    assert fresh().notes is None
    page.context.set_offline(False)
    expect_saved(page)
    assert fresh().notes == "typed in the dark"
    assert kept(page) == ""


def test_a_refresh_with_the_link_cut_brings_the_words_back(sit_down, ana, fresh):
    page = sit_down(ana)
    page.context.set_offline(True)
    notes(page).press_sequentially("only in this tab")
    expect(saved(page)).to_have_attribute("data-state", "offline", timeout=PATIENCE)
    assert fresh().notes is None
    with pytest.raises(Error):
        page.reload()
    page.context.set_offline(False)
    page.reload()
    expect(notes(page)).to_have_value("only in this tab", timeout=PATIENCE)
    until(lambda: fresh().notes == "only in this tab")  # sent by this page, or by the previous one when it closed
    until(lambda: kept(page) == "")


def test_a_save_that_was_kept_but_never_answered_is_not_kept_twice(sit_down, ana, fresh):
    page = sit_down(ana)
    answers = []

    def lose_the_answer(route):
        if route.request.method == "POST" and not answers:
            answers.append(route.fetch().status)
            return route.abort()
        return route.continue_()

    page.route("**/draft", lose_the_answer)
    notes(page).press_sequentially("once")
    expect_saved(page)
    assert answers == [200]
    assert (fresh().notes, fresh().version) == ("once", 1)


def test_two_tabs_that_edit_different_fields_both_win_and_see_each_other(sit_down, web, contact, ana, fresh):
    page = sit_down(ana)
    other = open_page(page.context, web, contact)
    notes(page).press_sequentially("the notes")
    other.locator("[name=urgency][value=urgent]").check()
    expect_saved(page)
    expect_saved(other)
    assert (fresh().notes, fresh().urgency) == ("the notes", "urgent")
    tell(page, contact)
    tell(other, contact)
    expect(page.locator("[name=urgency][value=urgent]")).to_be_checked()
    expect(notes(other)).to_have_value("the notes")


def test_two_operators_who_edit_the_same_field_see_both_texts(sit_down, contact, ana, rufino, fresh):
    let_in(rufino, contact)
    page, other = sit_down(ana), sit_down(rufino)
    notes(page).press_sequentially("by Ana")
    expect_saved(page)
    while fresh().notes != "by Ana":  # a page that types slowly saves the beginning first
        page.wait_for_timeout(50)
    notes(other).press_sequentially("by Rufino")
    banner = other.locator("#conversation .banner")
    expect(banner).to_contain_text("Ana F.", timeout=PATIENCE)
    expect(banner).to_contain_text("by Ana")
    assert fresh().notes == "by Ana"
    other.reload()  # the choice survives a reload
    expect(banner).to_contain_text("by Rufino", timeout=PATIENCE)
    banner.locator("[data-choose=both]").click()
    expect_saved(other)
    assert fresh().notes == "by Ana\n\nby Rufino"
    tell(page, contact)
    notes(page).blur()
    expect(notes(page)).to_have_value("by Ana\n\nby Rufino", timeout=PATIENCE)


@pytest.mark.parametrize(("which", "text"), [("mine", "by Rufino"), ("theirs", "by Ana")])
def test_one_of_two_texts_is_chosen(sit_down, contact, ana, rufino, write, fresh, which, text):
    let_in(rufino, contact)
    page = sit_down(rufino)
    write(by=ana, notes="by Ana")
    notes(page).press_sequentially("by Rufino")
    page.locator(f"#conversation [data-choose={which}]").click()
    expect_saved(page)
    expect(notes(page)).to_have_value(text)
    assert fresh().notes == text


def test_a_field_one_is_writing_in_is_not_changed_from_elsewhere(sit_down, contact, ana, write):
    page = sit_down(ana)
    notes(page).focus()
    write(notes="from elsewhere", urgency="soon")
    tell(page, contact)
    expect(page.locator("[name=urgency][value=soon]")).to_be_checked(timeout=PATIENCE)
    expect(notes(page)).to_have_value("")
    page.locator("#id_caller_role").focus()
    expect(notes(page)).to_have_value("from elsewhere", timeout=PATIENCE)


def test_a_copied_tab_keeps_its_own_count(sit_down, web, contact, ana, fresh):
    page = sit_down(ana)
    page.route("**/draft", lambda route: route.abort())
    notes(page).press_sequentially("original")
    expect(saved(page)).to_have_attribute("data-state", "offline", timeout=PATIENCE)
    with page.context.expect_page() as opened:
        page.evaluate("open(location.href)")  # copies sessionStorage, as duplicating a tab does
    copy = opened.value
    copy.wait_for_load_state()  # a box ticked before the script runs is saved with the next keystroke
    copy.locator("[name=urgency][value=soon]").check()
    expect_saved(copy)
    assert kept(copy) == ""
    page.unroute("**/draft")
    notes(page).press_sequentially(" and more")
    expect_saved(page)
    assert (fresh().notes, fresh().urgency) == ("original and more", "soon")


def test_a_killed_server_loses_no_acknowledged_word(sit_down, web, contact, ana, fresh):
    page = sit_down(ana)
    acknowledged = []
    page.on("requestfinished", lambda request: acknowledged.append(request) if is_save(request) else None)
    text = ""
    for turn in range(2):
        more = f"sentence {turn}, said slowly. "
        notes(page).press_sequentially(more[:12], delay=20)
        web.kill()
        assert text in (fresh().notes or "")  # what was acknowledged before the crash is there after it
        notes(page).press_sequentially(more[12:], delay=5)
        web.start()
        text += more
        expect_saved(page)
        assert fresh().notes == text
    assert acknowledged
    assert Contact.objects.count() == 1


def is_save(request):
    return request.method == "POST" and request.url.endswith("/draft")


def test_a_form_drawn_anew_goes_on_with_what_was_not_saved(sit_down, ana, fresh):
    page = sit_down(ana)
    page.context.set_offline(True)
    notes(page).press_sequentially("not up yet")
    expect(saved(page)).to_have_attribute("data-state", "offline", timeout=PATIENCE)
    page.evaluate(DRAW_ANEW)
    expect(notes(page)).to_have_value("not up yet")
    notes(page).press("End")
    notes(page).press_sequentially(", now")
    page.context.set_offline(False)
    expect_saved(page)
    assert fresh().notes == "not up yet, now"


def test_who_was_signed_out_keeps_the_words_until_they_are_back(sit_down, web, ana, fresh):
    page = sit_down(ana)
    page.context.clear_cookies()
    notes(page).press_sequentially("signed out")
    expect(saved(page)).to_contain_text(
        page.locator("#conversation .saved").get_attribute("data-away"), timeout=PATIENCE
    )
    assert fresh().notes is None
    page.context.add_cookies([session_of(ana, web)])
    page.reload()
    expect(notes(page)).to_have_value("signed out", timeout=PATIENCE)
    expect_saved(page)
    assert fresh().notes == "signed out"


def tell(page, contact):
    """Notify the page as the console's live stream does."""
    script = "note => document.dispatchEvent(new CustomEvent('amparo:note', {detail: note}))"
    page.evaluate(script, f"contact {contact.pk}")

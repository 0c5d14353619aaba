"""Campaigns and their spots: what an officer writes down, and what the page shows of the contacts that followed."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from amparo.care.cases.models import Case
from amparo.care.cases.rules import include_contact, open_case
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.picklists import Changes, OwnWord
from amparo.foundation.core.refusal import Refused
from amparo.foundation.words import rules as words
from amparo.line.contacts.models import CodeWord, Contact
from amparo.line.contacts.picklists import HeardOfUs, Type
from amparo.programme.campaigns import counts
from amparo.programme.campaigns.models import Campaign
from amparo.programme.campaigns.rules import add_campaign, add_spot

RADIO, TV = "080000001", "080000002"
WEEK = timedelta(weeks=1)


@pytest.fixture
def aired(now):
    """Six hours ago, so that its two hours are over."""
    return now - timedelta(hours=6)


@pytest.fixture
def campaign(carla, now) -> Campaign:
    today = timezone.localdate(now)
    return add_campaign(
        name="Mira dos veces", goal="invented", starts=today - timedelta(days=20), ends=today + timedelta(days=20),
        by=carla,
    )  # fmt: skip


@pytest.fixture
def spots(campaign, carla, aired):
    radio = add_spot(campaign, name="Cuña", medium="radio", aired_at=aired, line="0800 00 001", by=carla)
    tv = add_spot(campaign, name="Aviso", medium="tv", aired_at=aired, line=TV, by=carla)
    return radio, tv


def test_contacts_after_a_spot_are_those_to_its_number_in_two_hours(called, spots, carla, aired):
    called(24, aired + timedelta(minutes=1), RADIO)
    called(30, aired + timedelta(minutes=1), TV)
    called(11, aired + timedelta(hours=3), RADIO)  # too late
    called(12, aired + timedelta(minutes=1), RADIO, type=Type.PRANK)  # says nothing
    for week in range(1, 5):
        called(5, aired - week * WEEK + timedelta(minutes=1), RADIO)
    with acting_as(carla.acting()):
        radio, tv = (counts.compare_with_weeks_before(spot.aired_at, counts.AFTER_A_SPOT, spot.line) for spot in spots)
    assert (radio.after, radio.before, radio.more) == (25, 5, 20)
    assert (tv.after, tv.before, tv.more) == (30, None, None)


def test_no_count_below_ten_is_shown(called, spots, carla, aired, at):
    called(9, aired + timedelta(minutes=1), RADIO)
    called(10, aired + timedelta(minutes=1), TV)
    with acting_as(carla.acting()):
        radio, tv = (counts.compare_with_weeks_before(spot.aired_at, counts.AFTER_A_SPOT, spot.line) for spot in spots)
    assert (radio.after, tv.after) == (None, 10)
    page = at(carla).get(f"/campaigns/{spots[0].campaign_id}?language=en").content.decode()
    assert "fewer than ten" in page
    assert 'data-label="After">10</td>' in page
    assert '">9</td>' not in page


def test_the_picture_has_a_pair_of_bars_for_each_spot_and_a_table(called, spots, carla, aired, at):
    called(20, aired + timedelta(minutes=1), RADIO)
    page = at(carla).get(f"/campaigns/{spots[0].campaign_id}?language=en").content.decode()
    assert page.count('<text class="label"') == 2
    assert page.count('class="after" x="0.5"') == 1
    assert page.count('class="hidden" x="0.5"') == 3
    assert "Cuña</a></th>" in page


def split(carla, now):
    with acting_as(carla.acting()):
        return counts.count_sources(now - timedelta(days=1), now + timedelta(hours=1))[0]


def test_the_split_is_withheld_when_fewer_than_sixty_percent_were_asked(called, carla, now):
    called(59, now - timedelta(hours=1), heard_of_us=HeardOfUs.RADIO)
    called(30, now - timedelta(hours=1), heard_of_us=HeardOfUs.NOT_ASKED)
    called(11, now - timedelta(hours=1))  # nobody wrote an answer
    shares = split(carla, now)
    assert (shares.answered, shares.sources) == (counts.KnownShare(100, 59, is_enough=False), ())
    called(3, now - timedelta(hours=1), heard_of_us=HeardOfUs.NOT_KNOWN)
    shares = split(carla, now)
    assert shares.answered == counts.KnownShare(105, 60, is_enough=True)  # 62 of 103


@pytest.mark.parametrize("not_asked", [0, 9])
def test_the_share_asked_does_not_tell_how_few_were_not(called, carla, now, at, campaign, not_asked):
    called(40, now - timedelta(hours=1), heard_of_us=HeardOfUs.RADIO)
    called(not_asked, now - timedelta(hours=1))
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert "By telephone: fewer than ten were not asked" in page
    assert "% were asked<" not in page


def test_does_not_know_is_an_answer_and_not_asked_is_none(called, carla, now):
    called(60, now - timedelta(hours=1), heard_of_us=HeardOfUs.NOT_KNOWN)
    called(20, now - timedelta(hours=1), heard_of_us=HeardOfUs.POSTER)
    called(20, now - timedelta(hours=1), heard_of_us=HeardOfUs.NOT_ASKED)
    shares = split(carla, now)
    assert shares.answered.percent == 80
    assert [(str(each.label), each.count, each.percent) for each in shares.sources] == [
        ("Does not know", 60, 75), ("All others together", 20, 25),  # or the others would be known as none
    ]  # fmt: skip


def test_small_sources_are_shown_together_and_never_below_ten(called, carla, now):
    for source, many in (("radio", 30), ("tv", 12), ("school", 4), ("friend", 3)):
        called(many, now - timedelta(hours=1), heard_of_us=source)
    shown = [(str(each.label), each.count) for each in split(carla, now).sources]
    assert shown == [("Radio", 30), ("All others together", 20)]  # seven are too few: television goes with them


def test_a_source_that_the_line_added_has_its_own_share(called, carla, now):
    words.keep({"heard-of-us": Changes(words=(("own-01", OwnWord("Feria inventada", "Invented fair")),))})
    for source, many in (("own-01", 30), ("radio", 20), ("tv", 20)):
        called(many, now - timedelta(hours=1), heard_of_us=source)
    assert ("Invented fair", 30) in [(str(each.label), each.count) for each in split(carla, now).sources]


@pytest.mark.parametrize("others", [0, 5])
def test_one_source_alone_is_not_split_from_the_others(called, carla, now, others):
    called(80, now - timedelta(hours=1), heard_of_us=HeardOfUs.RADIO)
    called(others, now - timedelta(hours=1), heard_of_us=HeardOfUs.TV)
    assert split(carla, now).sources == ()


@pytest.mark.parametrize(("radio", "tv"), [(27, 23), (25, 25), (23, 27)])
def test_the_order_of_sources_tells_no_more_than_their_numbers(called, carla, now, radio, tv):
    for source, many in (("radio", radio), ("tv", tv), ("school", 40)):
        called(many, now - timedelta(hours=1), heard_of_us=source)
    shown = [(str(each.label), each.count) for each in split(carla, now).sources]
    assert shown == [("School", 40), ("Radio", 25), ("All others together", 25)]


@pytest.mark.parametrize("who", ["ana", "paula"])
def test_only_a_campaign_officer_counts(who, request, now):
    user = request.getfixturevalue(who)
    with pytest.raises(ProgrammingError, match="only a campaign officer"), acting_as(user.acting()):
        counts.count_sources(now - timedelta(days=1), now)
    with pytest.raises(ProgrammingError, match="only a campaign officer"), acting_as(user.acting()):
        counts.count_contacts([(now - timedelta(days=1), now)])


def test_an_operator_writes_no_campaign(ana, now):
    with pytest.raises(Refused):
        add_campaign(name="x", goal="x", starts=timezone.localdate(now), ends=timezone.localdate(now), by=ana)
    with pytest.raises(ProgrammingError), acting_as(ana.acting()):
        Campaign.objects.create(name="x", goal="x", starts=timezone.localdate(now), ends=timezone.localdate(now))


def test_a_spot_is_written_down_once(spots, carla, aired):
    with pytest.raises(Refused, match="already"):
        add_spot(spots[0].campaign, name="Cuña", medium="radio", aired_at=aired, by=carla)
    with acting_as(carla.acting()):
        assert spots[0].campaign.spots.count() == 2


def test_an_officer_adds_a_campaign_and_a_spot_on_the_pages(carla, at):
    client = at(carla)
    sent = {"name": "Campaña", "goal": "x", "starts": "01/11/2026", "ends": "30/11/2026", "currency": "PEN"}
    wrong = client.post("/campaigns?language=en", {**sent, "ubigeos": "Nowhere"})
    assert (wrong.status_code, "This place is not known: Nowhere." in wrong.content.decode()) == (422, True)
    backwards = client.post("/campaigns?language=en", {**sent, "ends": "01/10/2026"})
    assert (backwards.status_code, "ends after it starts" in backwards.content.decode()) == (422, True)
    made = client.post("/campaigns", {**sent, "ubigeos": "Loreto\nMadre de Dios\n", "languages": ["es", "qu"]})
    spot = {"name": "Cuña", "medium": "radio", "aired_at": "05/11/2026 19:30", "line": "0800 00 001"}
    added = client.post(made.headers["Location"] + "/spots", spot)
    assert added.status_code == 302
    page = client.get(added.headers["Location"] + "?language=en").content.decode()
    assert "Loreto; Madre de Dios" in page
    assert RADIO in page


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_slip_in_the_year_is_refused_so_that_the_page_still_opens(campaign, carla, at, year):
    spot = {"name": "x", "medium": "tv", "aired_at": f"10/11/{year} 20:00"}
    refused = at(carla).post(f"/campaigns/{campaign.pk}/spots?language=en", spot)
    assert (refused.status_code, "Write a year from 1900 to 2199." in refused.content.decode()) == (422, True)
    own = {"name": "y", "goal": "x", "starts": f"01/11/{year}", "ends": f"30/11/{year}", "currency": "PEN"}
    assert at(carla).post("/campaigns", own).status_code == 422
    assert at(carla).get(f"/campaigns/{campaign.pk}").status_code == 200


def test_an_empty_form_is_refused_in_a_sentence(carla, at):
    for address in ("/campaigns", "/events", "/notes"):
        assert at(carla).post(address).status_code == 422


def test_the_page_says_what_a_contact_cost(called, campaign, carla, aired, at):
    add_spot(campaign, name="Cuña", medium="radio", aired_at=aired, line=RADIO, cost=500, by=carla)
    add_spot(campaign, name="Aviso", medium="tv", aired_at=aired, line=TV, cost=900, by=carla)
    called(21, aired + timedelta(hours=3), RADIO)
    called(9, aired + timedelta(hours=3), TV)
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert 'data-label="Contacts">20</td><td class="n" data-label="Per contact">S/ 25.00</td>' in page
    assert "100.00" not in page


def cases_of(ana, many: int, now) -> None:
    """Open a case from each of so many contacts, the oldest first."""
    with acting_as(ana.acting()):
        contacts = list(Contact.objects.order_by("started")[:many])
    for contact in contacts:
        open_case(contact, by=ana, now=now)


@pytest.mark.parametrize(
    ("many", "shown"),
    [(10, 'data-label="Cases">10</td><td class="n" data-label="Per case">S/ 50.00</td>'), (9, None), (11, None)],
)
def test_the_page_says_what_a_case_cost_unless_it_or_the_rest_is_below_ten(
    called, campaign, carla, ana, aired, at, now, many, shown
):  # fmt: skip
    add_spot(campaign, name="Cuña", medium="radio", aired_at=aired, line=RADIO, cost=500, by=carla)
    called(20, aired + timedelta(hours=3), RADIO)
    cases_of(ana, many, now)
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert 'data-label="Contacts">20</td><td class="n" data-label="Per contact">S/ 25.00</td>' in page
    assert ("not shown</span>" in page) == (shown is None)
    assert shown is None or shown in page


def test_a_case_counts_where_it_began(called, campaign, carla, ana, aired, now):
    called(10, aired + timedelta(hours=1), RADIO)
    cases_of(ana, 10, now)
    called(30, aired + timedelta(hours=3), TV)
    with acting_as(ana.acting()):
        later = list(Contact.objects.filter(call__line=TV).order_by("started"))
        cases = list(Case.objects.all())
    for contact in later[:10]:
        include_contact(cases[0], contact, by=ana, now=now)
    span = aired - timedelta(days=1), now + timedelta(hours=1)
    with acting_as(carla.acting()):
        radio, tv = (counts.count_brought(*span, line, "", None) for line in (RADIO, TV))
    assert (tv.contacts, tv.cases) == (30, None)
    assert (radio.contacts, radio.cases) == (10, None)  # no contact is without a case


def test_a_code_word_that_people_say_is_counted_and_each_contact_once(called, campaign, carla, aired, now, at):
    spot = add_spot(campaign, name="Afiche", medium="poster", aired_at=aired, line=RADIO, code="terminal", by=carla)
    assert spot.code == "TERMINAL"
    called(12, aired + timedelta(hours=1), heard_code="TERMINAL")
    called(11, aired + timedelta(hours=2), RADIO, heard_code="TERMINAL")
    called(10, aired + timedelta(hours=3), RADIO)
    called(10, aired + timedelta(hours=4))  # the general number, and no word
    span = aired - timedelta(days=1), now + timedelta(hours=1)
    with acting_as(carla.acting()):
        found = [
            counts.count_brought(*span, *codes, None).contacts
            for codes in ((RADIO, ""), ("", "TERMINAL"), (RADIO, "TERMINAL"))
        ]
        assert CodeWord.objects.filter(pk="TERMINAL").exists()
    assert found == [20, 25, 35]  # 21, 23 and 33
    assert ">TERMINAL</td>" in at(carla).get(f"/campaigns/{campaign.pk}").content.decode()


def test_a_practice_is_no_contact_of_a_campaign(called, ana, carla, aired, now):
    called(12, aired, RADIO)
    with acting_as(ana.acting()):
        Contact.objects.filter(pk=Contact.objects.first().pk).update(practice_of=ana)
    with acting_as(carla.acting()):
        assert counts.count_contacts([(aired, now)], RADIO) == [11]


@pytest.mark.parametrize("who", ["ana", "paula"])
def test_only_a_campaign_officer_counts_what_was_brought(who, request, now):
    user = request.getfixturevalue(who)
    with pytest.raises(ProgrammingError, match="only a campaign officer"), acting_as(user.acting()):
        counts.count_brought(now - timedelta(days=1), now, RADIO, "", None)


def test_with_few_days_the_page_says_that_too_little_is_known(campaign, carla, at):
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert "Too little is known" in page


@pytest.mark.parametrize("now", range(7), indirect=True)
def test_the_effect_is_estimated_from_the_weeks_that_are_over(campaign, called, carla, midnight, at):
    for day in range(1, 120):  # 17 whole weeks
        called(2 if day > 14 else 4, midnight - timedelta(days=day))
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert "Less than a year of weeks stands before it" in page
    assert "times what was expected" not in page
    assert "in 2 whole weeks beyond those expected" in page
    assert '<polyline class="line"' in page


@pytest.mark.parametrize("now", range(7), indirect=True)
def test_fewer_contacts_than_expected_are_said_as_fewer(campaign, called, carla, midnight, at):
    for day in range(1, 120):
        called(4 if day > 14 else 2, midnight - timedelta(days=day))
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert "about 30 contacts fewer than expected in 2 whole weeks" in page

"""What was written down wrongly of a campaign or a spot is corrected; what was a mistake altogether is removed."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from amparo.foundation.audit.models import Entry
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.foundation.core.refusal import Refused
from amparo.line.contacts.models import CodeWord
from amparo.programme.campaigns.models import Campaign, Spot
from amparo.programme.campaigns.rules import add_campaign, add_spot, change_campaign, change_spot, remove_spot

RADIO, TV = "080000001", "080000002"
DAY = timedelta(days=1)


@pytest.fixture
def campaign(carla, now) -> Campaign:
    today = timezone.localdate(now)
    return add_campaign(
        name="Mira dos veces", goal="x", partners=["Ministerio de Ejemplo, Lima"], starts=today - 20 * DAY,
        ends=today + 20 * DAY, cost=900, languages=["qu"], ubigeos=["25", "16", "0801"], by=carla,
    )  # fmt: skip


@pytest.fixture
def spot(campaign, carla, now) -> Spot:
    return add_spot(
        campaign, name="Cuña", medium="radio", where="Radio de Ejemplo", line=RADIO, code="TERMINAL", cost=500,
        aired_at=(now - DAY).replace(second=0, microsecond=0), by=carla,  # the field has minutes
    )  # fmt: skip


def columns(spot: Spot, **others: object) -> dict[str, object]:
    named = ("name", "medium", "where", "aired_at", "line", "code", "cost")
    return {**{name: getattr(spot, name) for name in named}, **others}


def unchanged(answer) -> dict[str, object]:
    """What a browser sends when nobody changes the form of this page."""
    return {each.html_name: each.field.widget.format_value(each.value()) or "" for each in answer.context["form"]}


def test_a_form_that_nobody_changes_changes_nothing(campaign, spot, carla, at):
    client = at(carla)
    with acting_as(carla.acting()):
        before = [list(rows.values()) for rows in (Campaign.objects, Spot.objects)]
    for page in (f"/campaigns/{campaign.pk}/change", f"/campaigns/spots/{spot.pk}"):
        assert client.post(page, unchanged(client.get(page))).status_code == 302
    with acting_as(carla.acting()):
        after = [list(rows.values()) for rows in (Campaign.objects, Spot.objects)]
    assert after == before


def test_an_officer_corrects_a_campaign_on_its_page(campaign, carla, at):
    client, page = at(carla), f"/campaigns/{campaign.pk}/change"
    sent = {**unchanged(client.get(page)), "goal": "Otra meta", "cost": "1200", "partners": "Radio, S.A.\r\nONG"}
    assert client.post(page, sent).status_code == 302
    with acting_as(carla.acting()):
        found = Campaign.objects.get()
        assert (found.goal, found.cost, found.partners) == ("Otra meta", Decimal(1200), ["Radio, S.A.", "ONG"])
        assert found.places == ["Ucayali", "Loreto", "Cusco, Cusco"]  # not the province "Ucayali, Loreto"
    assert list(Entry.objects.filter(what="change_campaign").values_list("about", flat=True)) == [
        f"campaign {campaign.pk}"
    ]


def test_the_days_and_the_name_of_a_corrected_campaign_must_be_possible(campaign, carla, at):
    add_campaign(name="Otra", goal="x", starts=campaign.starts, ends=campaign.ends, by=carla)
    client, page = at(carla), f"/campaigns/{campaign.pk}/change?language=en"
    sent = unchanged(client.get(page))
    for wrong, words in (({"name": "Otra"}, "Choose another name"), ({"ends": "01/01/2020"}, "ends after it starts")):
        refused = client.post(page, {**sent, **wrong})
        assert (refused.status_code, words in refused.content.decode()) == (422, True)
    with acting_as(carla.acting()):
        assert Campaign.objects.filter(name="Mira dos veces", ends=campaign.ends).exists()


def test_contacts_follow_the_corrected_hour_and_number_of_a_spot(campaign, carla, called, at, now):
    spot = add_spot(campaign, name="Cuña", medium="radio", aired_at=now - 2 * DAY, line=TV, by=carla)
    called(20, now - DAY + timedelta(minutes=5), RADIO)
    page = f"/campaigns/{campaign.pk}?language=en"
    assert '">20</td>' not in at(carla).get(page).content.decode()
    change_spot(spot, **columns(spot, aired_at=now - DAY, line="0800 00 001"), by=carla, now=timezone.now())
    # twice changes nothing
    change_spot(spot, **columns(spot, aired_at=now - DAY, line=RADIO), by=carla, now=timezone.now())
    assert '">20</td>' in at(carla).get(page).content.decode()


def test_a_corrected_code_word_stands_in_the_operators_list_and_the_old_one_stays(spot, carla):
    change_spot(spot, **columns(spot, code="terminales"), by=carla, now=timezone.now())
    with acting_as(carla.acting()):
        assert Spot.objects.get().code == "TERMINALES"
        assert set(CodeWord.objects.values_list("pk", flat=True)) == {"TERMINAL", "TERMINALES"}
    assert Entry.objects.filter(what="change_spot", about=f"spot {spot.pk}").exists()


@pytest.mark.parametrize("by", ["line", "code"])
def test_a_number_or_word_by_which_contacts_are_counted_stays(spot, carla, called, now, at, by):
    brought = {"line": RADIO} if by == "line" else {"heard_code": "TERMINAL"}
    called(9, now - DAY, **brought)
    # nine are shown nowhere, and hold nothing back
    spot = change_spot(spot, **columns(spot, line=TV, code="OTRA"), by=carla, now=now)
    spot = change_spot(spot, **columns(spot, line=RADIO, code="TERMINAL"), by=carla, now=now)
    called(1, now - DAY, **brought)
    with pytest.raises(Refused, match="Contacts are counted"):
        change_spot(spot, **columns(spot, **{by: ""}), by=carla, now=timezone.now())
    with pytest.raises(Refused, match="Contacts are counted"):
        remove_spot(spot, by=carla)
    other = "code" if by == "line" else "line"
    # what nobody used is corrected
    change_spot(spot, **columns(spot, **{other: "", "name": "Cuña larga"}), by=carla, now=now)
    refused = at(carla).post(f"/campaigns/spots/{spot.pk}/remove?language=en")
    assert (refused.status_code, "so it stays" in refused.content.decode()) == (422, True)
    page = at(carla).get(f"/campaigns/spots/{spot.pk}?language=en").content.decode()
    assert ("so it stays" in page, "Remove the spot" in page) == (True, False)
    with acting_as(carla.acting()):
        assert Spot.objects.get().name == "Cuña larga"


def test_who_has_not_seen_a_colleague_s_number_compares_it_first(spot, carla, called, now):
    """The form has the old number still: its officer did not take the counted one away."""
    old = columns(spot)
    change_spot(spot, **{**old, "line": TV, "code": ""}, by=carla, now=now)
    called(20, now - DAY, TV)
    with pytest.raises(EditConflict):
        change_spot(spot, **{**old, "name": "Cuña larga"}, based_on=0, by=carla, now=now)
    with pytest.raises(Refused, match="Contacts are counted"):  # having seen it
        change_spot(spot, **old, based_on=1, by=carla, now=now)


def test_a_spot_that_was_written_down_twice_is_removed_although_contacts_came(campaign, spot, carla, called, at, now):
    twin = add_spot(campaign, **columns(spot, aired_at=now - 2 * DAY), by=carla)
    called(30, now - DAY, RADIO)
    assert "Remove the spot" in at(carla).get(f"/campaigns/spots/{twin.pk}?language=en").content.decode()
    assert at(carla).post(f"/campaigns/spots/{twin.pk}/remove").headers["Location"] == f"/campaigns/{campaign.pk}"
    with acting_as(carla.acting()):
        assert list(Spot.objects.all()) == [spot]
    assert list(Entry.objects.filter(what="remove_spot").values_list("about", flat=True)) == [f"spot {twin.pk}"]
    assert at(carla).post(f"/campaigns/spots/{twin.pk}/remove").status_code == 404
    for verb in (
        lambda: remove_spot(twin, by=carla),
        lambda: change_spot(twin, **columns(twin), by=carla, now=timezone.now()),
    ):
        with pytest.raises(Refused, match="A colleague has removed"):
            verb()


def test_two_spots_do_not_become_the_same(campaign, spot, carla, now):
    other = add_spot(campaign, **columns(spot, aired_at=now - 2 * DAY), by=carla)
    with pytest.raises(Refused, match="already"):
        change_spot(other, **columns(spot), by=carla, now=timezone.now())


def test_a_stranger_corrects_and_removes_nothing(campaign, spot, ana, paula, at, carla):
    for verb in (
        lambda by: change_campaign(
            campaign, name="x", starts=campaign.starts, ends=campaign.ends, by=by, now=timezone.now()
        ),
        lambda by: change_spot(spot, **columns(spot, name="x"), by=by, now=timezone.now()),
        lambda by: remove_spot(spot, by=by),
    ):
        for stranger in (ana, paula):
            with pytest.raises(Refused, match="not for your role"):
                verb(stranger)
    assert at(ana).get(f"/campaigns/spots/{spot.pk}").status_code == 404
    with acting_as(ana.acting()):
        assert Spot.objects.filter(pk=spot.pk).delete()[0] == 0
        assert Spot.objects.update(name="x") == 0
    with acting_as(carla.acting()):
        assert Spot.objects.get().name == "Cuña"


@pytest.mark.parametrize("hours", [-24, 1])
def test_a_spot_is_compared_when_its_two_hours_are_over(campaign, carla, called, at, now, hours):
    spot = add_spot(campaign, name="Cuña", medium="radio", aired_at=now - timedelta(hours=hours), by=carla)
    for week in range(1, 5):
        called(20, spot.aired_at - timedelta(weeks=week))
    page = at(carla).get(f"/campaigns/{campaign.pk}?language=en").content.decode()
    assert "when its two hours are over" in page
    assert 'class="chart pairs"' not in page

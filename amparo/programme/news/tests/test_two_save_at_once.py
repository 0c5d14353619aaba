"""Two officers correct the same campaign, spot, event, law or note: nobody overwrites what the other wrote unseen."""

import re

import pytest
from django.db.models import Model
from django.utils import timezone

from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.edit_conflicts import EditConflict
from amparo.programme.campaigns.rules import add_campaign, add_spot, change_campaign
from amparo.programme.events.rules import record_event
from amparo.programme.news.rules import draft_note
from amparo.programme.plan.rules import write_law

WORDS = {f"{part}_{language}": "x" for part in ("title", "lead", "text") for language in ("es", "en")}


@pytest.fixture
def campaign(carla, now) -> Model:
    today = timezone.localdate(now)
    return add_campaign(
        name="Mira dos veces", goal="x", starts=today, ends=today, ubigeos=["25"], partners=["Uno"], languages=["qu"],
        by=carla,
    )  # fmt: skip


@pytest.fixture
def opened(request, carla, pilar, now) -> tuple[Model, str, User]:
    """What is corrected, the address of its form, and who corrects it."""
    match request.param:
        case "campaign":
            row, by = request.getfixturevalue("campaign"), carla
            address = f"/campaigns/{row.pk}/change"
        case "spot":
            campaign, by = request.getfixturevalue("campaign"), carla
            row = add_spot(campaign, name="x", medium="radio", aired_at=now, by=carla)
            address = f"/campaigns/spots/{row.pk}"
        case "event":
            row, by = record_event(kind="talk", title="x", venue="x", starts_at=now, by=carla), carla
            address = f"/events/{row.pk}/change"
        case "law":
            row, by = write_law(None, kind="law", number="Ley 0", title="x", by=pilar, now=now), pilar
            address = f"/laws/{row.pk}"
        case _:
            row, by = draft_note(place="Lima", contact="x", **WORDS, by=carla, now=now), carla
            address = f"/notes/{row.pk}/change"
    return row, address, by


def form(answer) -> dict[str, object]:
    """What a browser sends when nobody changes the form of this page."""
    fields = {each.html_name: each.field.widget.format_value(each.value()) or "" for each in answer.context["form"]}
    based_on = re.search(r'name="based_on" value="(\d+)"', answer.content.decode())
    return {**fields, "based_on": based_on[1] if based_on else ""}


@pytest.mark.parametrize(
    ("opened", "field", "values"),
    [
        ("campaign", "goal", ("La meta de Ana", "La meta de Inés")),
        ("campaign", "partners", ("Radio de Ejemplo", "Canal de Ejemplo")),
        ("campaign", "ubigeos", ("Loreto", "Cusco")), ("spot", "name", ("Cuña de Ana", "Cuña de Inés")),
        ("event", "attendance", ("200", "180")), ("event", "venue", ("Teatro de Ejemplo", "Plaza de Ejemplo")),
        ("law", "title", ("Título de Ana", "Título de Inés")), ("note", "lead_es", ("Lead de Ana", "Lead de Inés")),
    ],
    indirect=["opened"],
)  # fmt: skip
def test_the_second_reads_what_the_first_wrote_and_loses_nothing(opened, at, field, values):
    row, address, by = opened
    first, second = values
    client, page = at(by), f"{address}?language=en"
    theirs, mine = (form(client.get(page)) for _browser in range(2))
    assert client.post(page, {**theirs, field: first}).status_code == 302
    refused = client.post(page, {**mine, field: second})
    assert refused.status_code == 422
    shown = refused.content.decode()
    assert "changed this at" in shown
    assert re.search(rf'<p class="quoted">[^<]*: {first}</p>', shown)
    assert str(form(refused)[field]) == second
    with acting_as(by.acting()):
        assert first in _stored(row, field)
    assert client.post(page, form(refused)).status_code == 302  # the colleague's words were seen
    with acting_as(by.acting()):
        assert second in _stored(row, field)


def _stored(row: Model, field: str) -> list[str]:
    found: Model = type(row)._default_manager.get(pk=row.pk)
    value = found.places if field == "ubigeos" else getattr(found, field)
    return value if isinstance(value, list) else [str(value)]


def test_another_field_of_the_same_campaign_is_kept_beside_it(campaign, carla, now):
    columns = {"starts": campaign.starts, "ends": campaign.ends}
    change_campaign(campaign, **columns, goal="Otra meta", based_on=0, by=carla, now=now)
    found = change_campaign(campaign, **columns, name="Otro nombre", based_on=0, by=carla, now=now)
    assert (found.goal, found.name) == ("Otra meta", "Otro nombre")
    with pytest.raises(EditConflict, match="Carla D"):
        change_campaign(campaign, **columns, goal="x", based_on=0, by=carla, now=now)


@pytest.mark.parametrize("based_on", ["", "x", "-1", "9" * 30, None])
def test_a_form_that_does_not_say_what_it_was_based_on_overwrites_nothing(campaign, carla, at, now, based_on):
    client, page = at(carla), f"/campaigns/{campaign.pk}/change"
    sent = form(client.get(page))
    client.post(page, {**sent, "goal": "Otra meta"})
    wrong = {**sent, "goal": "Sin mirar"} if based_on is None else {**sent, "goal": "Sin mirar", "based_on": based_on}
    if based_on is None:
        del wrong["based_on"]
    assert client.post(page, wrong).status_code == 422


def test_a_wrong_field_does_not_make_a_stale_form_newer(campaign, carla, at):
    client, page = at(carla), f"/campaigns/{campaign.pk}/change"
    sent = form(client.get(page))
    client.post(page, {**sent, "goal": "Otra meta"})
    refused = client.post(page, {**sent, "goal": "Sin mirar", "name": ""})
    assert form(refused)["based_on"] == sent["based_on"]

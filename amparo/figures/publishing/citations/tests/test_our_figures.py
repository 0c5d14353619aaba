"""Our own published numbers beside those of others: with all that decides what they may be compared with."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation

from amparo.figures.publishing.analysis.breakdowns import MEASURES
from amparo.figures.publishing.citations.cited_figures import cited_figures, differences
from amparo.figures.publishing.citations.our_figures import UNITS, our_figures
from amparo.figures.publishing.models import Edition, Year
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.figures.snapshot.months import Quarter
from amparo.foundation.access.models import Agency, Kind, Role, User

pytestmark = pytest.mark.django_db
QUARTERS = [Quarter(date(2024, month, 1)) for month in (1, 4, 7, 10)]


@pytest.fixture
def publish(called, paula, bruno, now, django_capture_on_commit_callbacks) -> Callable[..., Edition]:
    """Record that many contacts from Lima in a quarter, and publish its edition."""

    def publish_one(quarter: Quarter, many: int) -> Edition:
        called(many, "15", at=quarter.ends - timedelta(days=40))
        with django_capture_on_commit_callbacks(execute=True):
            return publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now)

    return publish_one


def read(user: User, query: str = "") -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get(f"/cited-figures?language=en{query}").content.decode().split())


def test_our_number_has_all_that_others_have_and_leads_to_its_sheet(publish, quarter, paula):
    edition = publish(quarter, 95)
    (ours,) = our_figures().values()
    months = f"{quarter.months[0].code} – {quarter.months[-1].code}"
    assert (ours.value, ours.unit, ours.period, ours.revision) == (95, "conversations", months, 1)
    page = read(paula)
    for words in (
        ours.population, ours.definition, ours.publisher, "Those in which somebody told or asked something.",
        "One conversation, by telephone or in writing.", "The hotline, when a conversation is over.", months,
        f"Edition {edition.pk}, snapshot {edition.snapshot.pk}",
    ):  # fmt: skip
        assert words in page
    (address,) = set(re.findall(rf'href="(/figures/{edition.pk}#[a-z_]+)"', page))
    sheet = Client().get(address.partition("#")[0] + "?language=en").content.decode()
    assert f'id="{address.partition("#")[2]}"' in sheet
    assert "can be shown: <b>95</b>" in sheet


def test_a_draft_is_not_among_them_and_its_edition_is(called, quarter, paula, bruno, now):
    called(95, "15", at=quarter.ends - timedelta(days=40))
    draft = draft_edition(quarter, by=paula, now=now)
    assert our_figures() == {}
    assert "No number of ours is published yet." in read(paula)
    publish_edition(draft, by=bruno, now=now)
    assert len(our_figures()) == 1  # the control


def test_a_total_that_is_too_small_to_be_shown_is_not_among_them(publish, quarter):
    publish(quarter, 4)
    assert our_figures() == {}


def test_a_correction_is_the_next_revision_and_the_earlier_number_is_gone(publish, called, quarter, paula, bruno, now):
    first = publish(quarter, 95)
    called(200, "15", at=quarter.ends - timedelta(days=40))
    second = publish_edition(
        correct_edition(first, "invented: a day was missing", by=paula, now=now), by=bruno, now=now
    )
    (ours,) = our_figures().values()
    assert (ours.value, ours.revision) == (295, 2)
    assert [it.address for it in ours.sources] == [f"/figures/{second.pk}#contacts_by_department"]


def test_a_released_year_stands_for_its_editions(publish):
    editions = [publish(quarter, 30) for quarter in QUARTERS[:3]]
    assert [it.period for it in our_figures().values()] == [
        "2024-07 – 2024-09",
        "2024-04 – 2024-06",
        "2024-01 – 2024-03",
    ]
    editions.append(publish(QUARTERS[3], 30))
    (ours,) = our_figures().values()
    assert (ours.value, ours.period, ours.revision) == (120, "2024", 1)
    assert [it.name for it in ours.sources] == [
        "Year 2024, revision 1", *(f"Edition {it.pk}, snapshot {it.snapshot.pk}" for it in editions)
    ]  # fmt: skip
    assert ours.sources[0].address == "/figures/2024-1#contacts_by_department"


def test_each_number_leads_to_its_breakdowns_and_from_there_to_the_sheet_that_made_it(publish, paula):
    for quarter in QUARTERS:
        publish(quarter, 30)
    client = Client()
    client.force_login(paula)
    for ours in our_figures().values():
        (query,) = re.findall(rf'id="{ours.code}".*?href="/analysis\?([^"]+)"', read(paula))
        desk = client.get(f"/analysis?{query.replace('&amp;', '&')}&language=en").content.decode()
        assert f'<dt>Source</dt><dd><a href="{ours.sources[0].address}"' in desk
        page, _hash, sheet = ours.sources[0].address.partition("#")
        assert f'<h3 id="{sheet}"' in Client().get(page).content.decode()
        (others,) = re.findall(r'<h2 id="others">.*?</ul>', desk, re.DOTALL)
        assert "Contacts by channel: 2024" not in others  # all by telephone: nothing of it can be shown
        assert "Contacts quarter by quarter: 2024</b></a><small>4 of 4 can be shown" in others


def test_a_year_that_leaves_out_a_quarter_says_so_in_its_period(publish):
    editions = [publish(quarter, many) for quarter, many in zip(QUARTERS, (30, 3, 30, 30), strict=True)]
    (ours,) = our_figures().values()
    shown = (editions[0].pk, *(it.pk for it in editions[2:]))  # the page of the second one draws no sheet
    assert [it.address.partition("#")[0] for it in ours.sources[1:]] == [f"/figures/{number}" for number in shown]
    assert (ours.value, ours.period) == (90, "2024 without 2024-04 – 2024-06")
    year = Year.objects.get()
    year.document["tables"]["contacts_by_department"]["uncounted"] = ["2024-07-01"]
    year.save()
    (ours,) = our_figures().values()
    assert ours.period == "2024 without 2024-04 – 2024-06, 2024-07 – 2024-09"


def test_the_page_says_why_ours_and_anothers_are_not_one_number(publish, quarter, paula):
    publish(quarter, 95)
    (ours,) = our_figures().values()
    page = read(paula, f"&one={ours.code}&other=us-2020")
    assert "Why 95 and 51,667 are not one number" in page
    assert page.count('data-tone="wait"') == 4
    for reason in ("They count different things", "They are about different spans of time.", "different sets"):
        assert reason in page
    assert page.count("<b>95</b>") == 1
    assert "Edition" in page[: page.index("All numbers of others")]  # one click from the comparison too


def test_ours_of_two_periods_differ_in_the_period_alone_and_the_same_may_be_compared(publish):
    publish(QUARTERS[0], 30)
    publish(QUARTERS[1], 50)
    later, earlier = our_figures().values()
    assert [str(it.label) for it in differences(later, earlier)] == ["Period"]
    assert differences(later, later) == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_equal_units_of_ours_and_of_others_are_equal_words(language):
    with translation.override(language):
        others = {it.unit for it in cited_figures().values()}
        assert {str(UNITS["persons"]), str(UNITS["victims"]), str(UNITS["cases"])} <= others
    assert set(UNITS) == {it.code for it in MEASURES}


def test_an_analyst_of_a_ministry_reads_them(publish, quarter):
    ministry = Agency.objects.create(name="Invented ministry", kind=Kind.MINISTRY)
    alba = User.objects.create(username="alba", first_name="Alba S.", role=Role.ANALYST, agency=ministry)
    edition = publish(quarter, 95)
    assert f'href="/figures/{edition.pk}#contacts_by_department"' in read(alba)


def test_where_the_public_has_a_host_of_its_own_the_sheet_is_there(publish, quarter, settings):
    from dataclasses import replace

    publish(quarter, 95)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, public_host="line.example.org", staff_host="staff.example.org")
    (ours,) = our_figures().values()
    assert ours.sources[0].address.startswith("https://line.example.org/figures/")

"""An analyst reads two breakdowns at once, of a year, protected; and a sentence where nothing can be shown."""

import re
from datetime import date, timedelta

import pytest

from amparo.figures.publishing.models import CrossedYear, Edition
from amparo.figures.publishing.rules import correct_edition, draft_edition, publish_edition
from amparo.figures.snapshot.models import Snapshot
from amparo.figures.snapshot.months import Quarter
from amparo.figures.snapshot.rules import count_months
from amparo.figures.snapshot.tables import Crossing
from amparo.foundation.core.actor import acting_as
from amparo.line.contacts.picklists import Type

from .test_the_desk import at

pytestmark = pytest.mark.django_db
ADDRESS = "/analysis?what=contacts.contacts_by_department_and_type&language=en&period="
# Contacts of each quarter. From Cusco one is in a crisis each time: four in the year.
PLACES = {
    ("15", Type.CRISIS): 30, ("15", Type.REPORT): 12, ("15", Type.INFORMATION): 12,
    ("08", Type.CRISIS): 1, ("08", Type.REPORT): 20, ("08", Type.INFORMATION): 10,
    ("", Type.CRISIS): 10, ("", Type.REPORT): 12, ("", Type.INFORMATION): 10, ("25", Type.CRISIS): 2,
}  # fmt: skip


@pytest.fixture
def a_crossed_year(called, paula, bruno, now) -> list[Edition]:
    editions = []
    for number in range(1, 5):
        quarter = Quarter(date(2024, 3 * number - 2, 1))
        for (ubigeo, type), many in PLACES.items():
            called(many, ubigeo, type, at=quarter.ends - timedelta(days=40))
        editions.append(publish_edition(draft_edition(quarter, by=paula, now=now), by=bruno, now=now))
    return editions


def test_a_snapshot_counts_two_breakdowns_at_once(called, paula, quarter, now):
    called(3, "15", Type.CRISIS)
    called(2, "99", Type.REPORT)  # an unknown place counts as not said
    snapshot = count_months(quarter, by=paula, now=now)
    crossed = snapshot.crossed_counts(Crossing.DEPARTMENT_AND_TYPE)
    rows, columns = (table.cells for table in Crossing.DEPARTMENT_AND_TYPE.tables)
    counted = {(rows[r], columns[c]): count for r, line in enumerate(crossed) for c, count in enumerate(line) if count}
    assert counted == {("15", "crisis"): 3, ("not_said", "report"): 2}
    assert sum(map(sum, snapshot.crossed_counts(Crossing.DEPARTMENT_AND_CHANNEL))) == 5


def test_a_year_is_crossed_once_and_hides_few_with_others(a_crossed_year, called, alba, paula, bruno, now):
    with acting_as(alba.acting()):
        assert not Snapshot.objects.exists()
        released = list(CrossedYear.objects.order_by("pk").values_list("crossing", "document"))
    document = dict(released)["contacts_by_department_and_type"]
    row, column = document["rows"].index("08"), document["columns"].index("crisis")
    assert document["cells"][row][column] is None
    shown = [count for line in document["cells"] for count in line if count is not None]
    assert len(shown) > 1
    assert min(shown) >= 10
    for line in (*document["cells"], *zip(*document["cells"], strict=True)):
        assert line.count(None) != 1  # or the sum would give it away
    page = at(alba).get(ADDRESS + "2024").content.decode()
    assert "Contacts by department and by what they are about: 2024" in page
    assert "The others added up" in page
    assert "One conversation, by telephone or in writing" in page
    for table in ("contacts_by_department", "contacts_by_type"):  # of its rows, and of its columns
        linked = re.findall(rf'href="/figures/(\d+)#{table}"', page)
        assert linked == [str(it.pk) for it in a_crossed_year if it.document["tables"][table]["total"]]
        assert linked
    text = at(alba).get(ADDRESS.replace("?", ".csv?") + "2024").content.decode("utf-8-sig")
    assert "Where they contact us from; " in text
    assert re.search(r"^Cusco,.*not shown.*,125\r$", text, re.MULTILINE)
    assert "One conversation, by telephone or in writing" in text
    called(50, "08", Type.REPORT, at=a_crossed_year[0].period.ends.replace(day=15, month=2))
    publish_edition(correct_edition(a_crossed_year[0], "invented", by=paula, now=now), by=bruno, now=now)
    with acting_as(alba.acting()):
        assert list(CrossedYear.objects.order_by("pk").values_list("crossing", "document")) == released
    assert len(released) == len(Crossing)


@pytest.mark.parametrize(
    ("period", "why"),
    [
        ("2024-01-01", "Two breakdowns at once are shown of one calendar year: choose a year."),
        ("2024", "Nothing can be shown crossed: too few people, and the sums would give somebody away."),
    ],
)
def test_the_page_says_why_nothing_is_shown(publish, alba, period, why):
    for number in range(1, 5):
        publish(number, {"15": 10, "08": 5})
    assert why in at(alba).get(ADDRESS + period).content.decode()
    assert "Source" not in at(alba).get(ADDRESS.replace("?", ".csv?") + period).content.decode("utf-8-sig")

"""Opening many files outside one's work raises an alert to another agency, once a day."""

from datetime import timedelta
from uuid import uuid4

from amparo.foundation.access.models import User
from amparo.foundation.audit.models import Entry
from amparo.foundation.oversight.models import Alert

from .conftest import START, opens

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def raised() -> list[tuple]:
    return list(Alert.objects.order_by("pk").values_list("kind", "about__username", "to_agency__kind", "at"))


def test_24_files_in_a_week_raise_no_alert(sealer, marta, vera):
    opens(marta, 24, HOUR)
    sealer.seal()
    assert raised() == []


def test_the_25th_raises_one_alert_at_one_other_agency(sealer, marta, vera, tomas):
    entries = opens(marta, 30, HOUR / 20)
    sealer.seal()
    assert raised() == [("budget", "marta", "ministry", entries[24].at)]


def test_the_same_file_counts_once(sealer, marta, vera):
    opens(marta, [uuid4()] * 60, HOUR)
    sealer.seal()
    assert raised() == []


def test_entries_that_are_no_openings_do_not_count(sealer, marta, vera):
    opens(marta, 60, HOUR)
    Entry.objects.update(what="look")
    sealer.seal()
    assert raised() == []


def test_files_of_two_people_are_not_added_up(sealer, marta, vera, tomas):
    opens(marta, 20, HOUR)
    opens(tomas, 20, HOUR)
    sealer.seal()
    assert raised() == []


def test_openings_older_than_a_week_do_not_count(sealer, marta, vera):
    opens(marta, 24, HOUR)
    opens(marta, 24, HOUR, START + 8 * DAY)
    sealer.seal()
    assert raised() == []


def test_further_openings_raise_one_alert_a_day(sealer, marta, vera):
    for entry in range(60):
        opens(marta, 1, HOUR, START + entry * HOUR)
        sealer.seal()
    assert [at for *_, at in raised()] == [START + 24 * HOUR, START + 48 * HOUR]


def test_an_entry_that_comes_late_counts_too(sealer, marta, vera):
    opens(marta, 24, HOUR, START + HOUR)
    sealer.seal()
    opens(marta, 1, HOUR)  # its transaction began first and ended last
    sealer.seal()
    assert len(raised()) == 1


def test_a_sealer_that_dies_before_it_is_done_raises_it_once(sealer, marta, vera):
    opens(marta, 25, HOUR)
    with sealer.connection.transaction(force_rollback=True):
        sealer.seal()
    assert raised() == []
    sealer.seal()
    sealer.seal()
    assert len(raised()) == 1


def test_a_deleted_user_does_not_stop_the_sealer(sealer, marta, vera):
    opens(marta, 25, HOUR)
    Entry.objects.update(user_id=User.objects.latest("pk").pk + 1)
    assert sealer.seal() == 25
    assert raised() == []


def test_without_another_agency_the_alert_goes_to_ones_own(sealer, marta):
    opens(marta, 25, HOUR)
    sealer.seal()
    assert raised() == [("budget", "marta", "hotline", START + 24 * HOUR)]


def test_an_agency_without_watchers_gets_no_alert(sealer, marta, vera, tomas):
    User.objects.filter(pk=vera.pk).update(is_active=False)
    opens(marta, 25, HOUR)
    sealer.seal()
    assert [to for _, _, to, _ in raised()] == ["ngo"]

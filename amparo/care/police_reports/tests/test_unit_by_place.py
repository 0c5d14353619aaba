"""A report goes to the unit that covers its place: the nearest is offered first, and chosen if nobody chose."""

import pytest
from django.test import Client

from amparo.care.cases import consents
from amparo.care.consent.picklists import OverrideGround
from amparo.care.police_reports.areas import add_area, remove_area, units_near
from amparo.care.police_reports.forms import ReportForm
from amparo.care.police_reports.models import Area, Report
from amparo.foundation.access.models import Agency, Kind, Role, User
from amparo.foundation.core.refusal import Refused

TAMBOPATA, IBERIA, CUSCO = "170101", "170302", "080101"  # districts, the first two of one department
OF = {"the district": TAMBOPATA, "the province": "1701", "the department": "17", "the country": "", "elsewhere": "08"}


@pytest.fixture
def units(marta, now) -> dict[str, Agency]:
    """One unit for each size of a place, and one that has none."""
    made = {name: Agency.objects.create(name=f"Invented, of {name}", kind=Kind.POLICE) for name in OF}
    for name, ubigeo in OF.items():
        add_area(made[name], ubigeo, by=marta, now=now)
    return made | {"none": Agency.objects.create(name="Invented, of nowhere", kind=Kind.PROSECUTOR)}


def at(user: User) -> Client:
    User.objects.filter(pk=user.pk).update(is_invented=True)  # the demonstration's sign-in needs no second factor
    client = Client(headers={"Sec-Fetch-Mode": "navigate"})
    client.force_login(User.objects.get(pk=user.pk))
    return client


def typed(**more) -> ReportForm:
    return ReportForm({"source": "victim", "facts": "invented", **more})


def offered(form: ReportForm) -> list[str]:
    """Return the options as a user reads them, with their group."""
    groups = list(form.fields["unit"].choices)[1:]
    return [str(name).removeprefix("Invented, of ") for _group, of_it in groups for _pk, name in of_it]


@pytest.mark.parametrize(
    ("ubigeo", "wanted"),
    [(TAMBOPATA, ["the district", "the province", "the department", "the country"]),
     (IBERIA, ["the department", "the country"]), ("17", ["the department", "the country"]),
     (CUSCO, ["elsewhere", "the country"])],
)  # fmt: skip
def test_the_nearest_stand_first_and_all_are_offered(units, ubigeo, wanted):
    assert [str(unit).removeprefix("Invented, of ") for unit, _digits in units_near(ubigeo)] == wanted
    assert offered(typed(ubigeo=ubigeo))[: len(wanted)] == wanted
    assert len(offered(typed(ubigeo=ubigeo))) == len(units)


def test_the_place_chooses_where_nobody_did(units):
    form = typed(ubigeo=TAMBOPATA)
    assert form.is_valid()
    assert form.cleaned_data["unit"] == units["the district"]
    chosen = typed(ubigeo=TAMBOPATA, unit=units["none"].pk)
    assert chosen.is_valid()
    assert chosen.cleaned_data["unit"] == units["none"]


def test_where_none_has_it_or_two_as_near_a_sentence_says_so(units, marta, now):
    add_area(units["none"], TAMBOPATA, by=marta, now=now)
    assert "More than one unit" in str(typed(ubigeo=TAMBOPATA).errors)
    remove_area(Area.objects.get(unit=units["the country"]), by=marta)
    assert "No unit has" in str(typed(ubigeo="150101").errors)
    assert "Say where" in str(typed().errors)
    assert typed(unit=units["none"].pk).is_valid()


def test_sent_from_the_page_it_reaches_that_unit(units, person, case, ana, now):
    consents.record_basis_in_case(person, OverrideGround.DUTY_TO_REPORT, "invented", by=ana, now=now)
    where = f"/cases/{case.pk}/people/{person.pk}/report"
    at(ana).post(where, {"source": "victim", "facts": "invented", "ubigeo": TAMBOPATA, "do": "send"})
    assert Report.objects.get().to_agency == units["the district"]


def test_a_supervisor_says_which_places_are_whose_and_nobody_else_does(units, marta, ana, now):
    page, unit = at(marta), units["none"]
    for words in ({"unit": unit.pk, "ubigeo": "Tambopata, Tambopata, Madre de Dios"},
                  {"unit": unit.pk, "is_everywhere": "on"}) * 2:  # fmt: skip
        assert page.post("/units", words).status_code == 302
    for words in ({"unit": unit.pk}, {"unit": unit.pk, "ubigeo": "17", "is_everywhere": "on"}, {"ubigeo": "17"}):
        assert page.post("/units", words).status_code == 422
    mine = Area.objects.filter(unit=unit).order_by("ubigeo")
    assert [area.ubigeo for area in mine] == ["", TAMBOPATA]
    assert "Tambopata, Madre de Dios" in page.get("/units").content.decode()
    assert page.post(f"/units/{mine[0].pk}/leave").status_code == 302
    assert Area.objects.filter(unit=unit).count() == 1
    assert at(ana).get("/units").status_code == 404
    with pytest.raises(Refused, match="not for your role"):
        add_area(unit, "17", by=ana, now=now)


def test_nobody_but_a_unit_has_a_place_and_none_that_is_nowhere(units, marta, now):
    house = Agency.objects.create(name="Invented house", kind=Kind.SHELTER)
    for unit, ubigeo in ((house, "17"), (units["none"], "99")):
        with pytest.raises(Refused):
            add_area(unit, ubigeo, by=marta, now=now)
    teo = User.objects.create(username="teo", role=Role.POLICE_LIAISON, agency=units["none"])
    with pytest.raises(Refused, match="not for your role"):
        add_area(units["none"], "17", by=teo, now=now)

"""The pages: the search is posted and never in a URL; a refusal loses nothing; each role sees its own."""

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.utils import timezone

from amparo.care.cases.rules import add_event, mark_event_as_mistake
from amparo.care.people.rules import describe_person
from amparo.care.shelters.models import Occupancy, Placement, Stay, UnmetNeed
from amparo.care.shelters.picklists import Region, State
from amparo.care.shelters.rules import arrive, release_bed
from amparo.foundation.access.models import Role, User
from amparo.foundation.core.actor import acting_as


def at(user: User) -> Client:
    """Return this user's browser, in English."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["language"] = "en"
    session.save()
    return client


def read(answer) -> str:
    return answer.content.decode()


def test_free_tonight_with_what_each_house_says_to_her(case, person, make_house, ana, now):
    event = add_event(person, "exploitation", ubigeo="170101", country="PE", by=ana, now=now)
    make_house("Casa Tucán")
    make_house("Casa Ishpingo", to_age=17)
    make_house("Casa Loro", region=Region.JUNGLE_SOUTH)
    page = read(at(ana).get(f"/beds/for/{person.pk}"))
    assert "Beds free tonight: 9" in page
    assert page.count("Suitable") == 1
    assert "No: up to 17" in page
    assert "No: too near to a place the person fears" in page
    mark_event_as_mistake(event, by=ana, now=now)
    corrected = read(at(ana).get(f"/beds/for/{person.pk}"))
    assert (corrected.count("Suitable"), "Tambopata" in page, "Tambopata" in corrected) == (2, True, False)
    anywhere = read(at(ana).post("/beds", {"who": person.pk, "seen": person.pk}))
    assert anywhere.count("Suitable") == 2


def test_what_is_not_known_of_her_yet_is_to_be_asked(case, person, make_house, ana, now):
    make_house("Casa Tucán", from_age=12)
    known = read(at(ana).get(f"/beds/for/{person.pk}"))
    describe_person(person, age_at_events=None, age_certainty="", gender="", by=ana, now=now)
    page = read(at(ana).get(f"/beds/for/{person.pk}"))
    assert ("not known yet" in known, "not known yet: their age, their gender" in page) == (False, True)


def test_a_gender_that_is_not_known_is_written_down_where_a_bed_is_sought(case, person, make_house, ana, now):
    make_house("Casa Tucán", from_age=12)
    describe_person(person, gender="", by=ana, now=now)
    before = read(at(ana).get(f"/beds/for/{person.pk}"))
    typed = {"who": person.pk, "seen": person.pk}
    read(at(ana).post("/beds", typed | {"gender": "no such"}))
    with acting_as(ana.acting()):
        person.refresh_from_db()
        assert person.gender == ""
    found = read(at(ana).post("/beds", typed | {"gender": "feminine"}))
    with acting_as(ana.acting()):
        person.refresh_from_db()
        assert person.gender == "feminine"
    assert ('name="gender"' in before, 'name="gender"' in found) == (True, False)
    read(at(ana).post("/beds", typed | {"gender": "masculine"}))  # what is known is changed on her own page
    with acting_as(ana.acting()):
        person.refresh_from_db()
        assert person.gender == "feminine"


def test_of_whom_only_a_group_is_known_the_page_says_to_ask_her_age(case, person, make_house, ana, now):
    describe_person(person, age_at_events=None, age_certainty="", age_group="child", by=ana, now=now)
    make_house("Casa Tucán", from_age=18)
    make_house("Casa Ishpingo", to_age=17)
    make_house("Casa Loro", from_age=12)
    page = read(at(ana).get(f"/beds/for/{person.pk}"))
    assert (page.count("Suitable"), page.count("No: from 18"), page.count("ask their age")) == (2, 1, 1)
    assert f"», feminine, under 18 ({case.code})" in page


def test_whom_one_looks_for_is_in_no_address(case, person, house, ana):
    answer = at(ana).post("/beds", {"who": person.pk, "seen": person.pk, "far_from": "170101", "has_pet": "on"})
    assert answer.status_code == 200
    before = read(at(ana).get("/beds", {"who": person.pk, "far_from": "170101"}))
    assert "Fits" not in before  # query parameters are ignored


def test_held_asked_for_approved_arrived_and_left_on_the_pages(case, person, house, agree, ana, ines, olga, luz, now):
    agree(person)
    line, officer, here = at(ana), at(olga), at(luz)
    sent = line.post("/beds/hold", {"who": person.pk, "seen": person.pk, "house": house.pk})
    page = sent["Location"]
    assert page == f"/beds/placements/{Placement.objects.get().pk}"
    day = timezone.localdate(now) + timedelta(days=9)
    assert (
        line.post(
            f"{page}/ask",
            {
                "planned_to": day,
                "escort": "invented escort",
                "briefing": "invented risk",
                "tells_of": "incident_facts",
            },
        ).status_code
        == 302
    )
    assert "one is missing" in read(officer.get("/beds"))
    assert officer.post(f"{page}/approve").status_code == 302
    shown = read(here.get("/house"))
    assert all(words in shown for words in (person.code_name, "invented escort", "invented risk", "They arrived"))
    assert case.code not in shown
    assert here.post(f"/house/placements/{Placement.objects.get().pk}/arrived")["Location"] == "/house"
    stay = Placement.objects.get().ordered_stays[0]
    bed = house.beds.get(number=3)
    assert here.post(f"/house/stays/{stay.pk}/move", {"bed": bed.pk}).status_code == 302
    assert line.post(f"/beds/stays/{stay.pk}/left")["Location"] == page
    assert Placement.objects.get().state == State.LEFT
    assert here.post(f"/house/stays/{stay.pk}/left").status_code == 404


def test_a_refusal_is_one_sentence_and_loses_nothing_typed(reserved, ana):
    page = f"/beds/placements/{reserved.pk}"
    answer = at(ana).post(f"{page}/ask", {"planned_to": "2020-01-01", "escort": "typed by nobody"})
    assert (answer.status_code, "from today on" in read(answer)) == (422, True)
    assert "typed by nobody" in read(answer)
    again = at(ana).post(f"{page}/approve")
    assert (again.status_code, "not for your role" in read(again)) == (422, True)


def test_parted_the_page_asks_why_and_keeps_whom_one_looked_for(reserved, case, child, make_house, ana):
    other, girl = make_house("Casa Queñual"), child(15)
    typed = {"who": girl.pk, "seen": girl.pk, "house": other.pk, "has_pet": ""}
    other.__class__.objects.filter(pk=other.pk).update(takes_pets=True)
    answer = at(ana).post("/beds/hold", typed)
    assert (answer.status_code, "Keep them together" in read(answer)) == (422, True)
    assert 'name="why_apart"' in read(answer)
    assert at(ana).post("/beds/hold", typed | {"why_apart": "invented"}).status_code == 302


def test_for_nobody_of_ones_own_nothing_is_held(person, house, stranger, olga):
    for who in (stranger, olga):
        answer = at(who).post("/beds/hold", {"who": person.pk, "house": house.pk})
        assert (answer.status_code, "Say first for whom" in read(answer)) == (422, True)
    assert at(stranger).get(f"/beds/for/{person.pk}").status_code == 404
    assert not Occupancy.objects.exists()


def test_no_bed_is_noted_for_her_and_for_somebody_without_a_case(case, person, house, ana):
    assert at(ana).post("/beds/none", {"who": person.pk, "seen": person.pk, "why": "far"}).status_code == 422
    assert at(ana).post("/beds/none", {"who": person.pk, "seen": person.pk, "why": "full"}).status_code == 302
    typed = {"why": "age", "people": 2, "age": "child", "gender": "feminine"}
    assert at(ana).post("/beds/none", typed).status_code == 302
    assert list(UnmetNeed.objects.order_by("pk").values_list("people", "age")) == [(1, "adult"), (2, "child")]
    assert "3 people without a bed that fitted" in read(at(ana).get("/beds"))


def test_the_house_says_which_beds_are_out_and_that_it_is_so(house, luz, elsewhere, ana):
    bed = house.beds.get(number=2)
    assert at(elsewhere).post(f"/house/beds/{bed.pk}/out").status_code == 404
    assert at(luz).post(f"/house/beds/{bed.pk}/out").status_code == 302
    assert "out of order" in read(at(ana).get("/beds"))
    assert at(luz).post(f"/house/beds/{bed.pk}/back").status_code == 302
    assert at(luz).post(f"/house/{house.pk}/said").status_code == 302
    assert at(luz).post(f"/house/beds/{bed.pk}/elsewhere").status_code == 404
    assert "Casa" not in read(at(elsewhere).get("/house"))


def test_a_house_that_is_silent_says_so(house, ana, now):
    house.confirmed_at = now - timedelta(days=2)
    house.save(update_fields=["confirmed_at"])
    assert "Silent since" in read(at(ana).get("/beds"))


def test_an_officer_adds_a_house_its_beds_and_where_it_is(shelter, olga):
    typed = {
        "code_name": "Casa Nueva", "agency": shelter.pk, "region": "highlands", "genders": ["feminine"], "from_age": 12,
        "to_age": 17, "languages": ["es", "qu"], "takes_babies": "on",
    }  # fmt: skip
    client = at(olga)
    wrong = client.post("/houses", typed | {"to_age": 3})
    assert (wrong.status_code, "above the oldest" in read(wrong)) == (422, True)
    assert "takes families" in read(client.post("/houses", typed | {"only_families": "on"}))
    assert client.post("/houses", typed).status_code == 302
    assert "this code name already" in read(client.post("/houses", typed))
    house = Placement._meta.get_field("house").related_model.objects.get()
    for _ in range(2):
        answer = client.post(f"/houses/{house.pk}/beds", {"room": 1, "number": 1, "kind": "bed"})
    assert (answer.status_code, "of this number" in read(answer)) == (422, True)
    assert client.post(f"/houses/{house.pk}/address", {"address": "Calle Inventada 1"}).status_code == 302
    assert "Calle Inventada" not in read(client.get("/houses"))


def test_what_is_refused_comes_back_under_its_own_house_alone(house, make_house, olga):
    """Otherwise the address of one house could be sealed for another."""
    other = make_house("Casa Queñual")
    answer = at(olga).post(f"/houses/{house.pk}/beds", {"room": 77, "number": 0, "kind": "bed"})
    assert (answer.status_code, 'value="77"' in read(answer)) == (422, True)
    assert f'action="/houses/{house.pk}/address"' in read(answer)
    assert f"/houses/{other.pk}" not in read(answer)


def test_an_officer_changes_a_house_and_is_shown_what_another_changed_meanwhile(house, olga, luz):
    page, client = f"/houses/{house.pk}", at(olga)
    typed = {
        "code_name": "Casa Tucán", "region": "coast_south", "genders": ["feminine", "transgender_feminine"],
        "based_on": 0,
    }  # fmt: skip
    assert client.post(page, typed | {"takes_pets": "on"}).status_code == 302
    again = client.post(page, typed | {"rules": "invented rules"})  # had not seen the change of `takes_pets`
    assert (again.status_code, "changed this at" in read(again), "takes animals: yes" in read(again)) == (
        422,
        True,
        True,
    )
    assert "invented rules" in read(again)
    assert 'name="based_on" value="1"' in read(again)  # saved again, the other person's change is kept
    assert client.post(page, typed | {"rules": "invented rules", "based_on": 1}).status_code == 302
    house.refresh_from_db()
    assert (house.takes_pets, house.rules) == (False, "invented rules")
    assert at(luz).get(page).status_code == 404


def test_an_officer_takes_a_bed_away_and_closes_the_house_on_its_page(reserved, house, olga, ana, now):
    page, client, beds = f"/houses/{house.pk}", at(olga), list(house.beds.order_by("number"))
    refused = client.post(f"/houses/beds/{beds[0].pk}/away")
    assert (refused.status_code, "This bed is taken or held" in read(refused)) == (422, True)
    assert client.post(f"/houses/beds/{beds[1].pk}/away").status_code == 302
    assert f'action="/houses/beds/{beds[1].pk}/back"' in read(client.get(page))
    assert "Bed 2" not in read(at(ana).get("/beds"))
    assert client.post(f"/houses/beds/{beds[1].pk}/back").status_code == 302
    assert client.post(f"/houses/beds/{beds[1].pk}/elsewhere").status_code == 404
    refused = client.post(f"{page}/close")
    assert (refused.status_code, "A bed of Casa Tucán is held" in read(refused)) == (422, True)
    release_bed(reserved, by=ana, now=now)
    assert client.post(f"{page}/close").status_code == 302
    assert "Open it again" in read(client.get(page))
    assert "Closed houses" in read(client.get("/houses"))
    assert "Casa Tucán" not in read(at(ana).get("/beds"))
    assert client.post(f"{page}/open").status_code == 302
    assert "Closed houses" not in read(client.get("/houses"))


def test_who_is_there_stays_on_the_list_until_they_leave(approved, person, luz, ana, now):
    arrive(approved, by=luz, now=now)
    page = read(at(ana).get("/beds"))
    assert person.code_name in page
    assert "in the house" in page


def test_who_never_arrived_stays_on_the_list_until_somebody_says_so(approved, person, house, ana, olga, now):
    ran_out = DateTimeTZRange(now - timedelta(hours=14), now - timedelta(hours=2))
    Occupancy.objects.update(period=ran_out)
    Stay.objects.update(reserved=ran_out)
    browser, page = at(ana), f"/beds/placements/{approved.pk}"
    assert person.code_name in read(browser.get("/beds"))
    assert "Did not arrive" in read(browser.get(page))
    assert "the team of the case marks it" not in read(browser.get(page))
    assert "the team of the case marks it" in read(at(olga).get(page))
    assert "hold expired" in read(browser.get(page))
    assert browser.post(f"{page}/release").status_code == 302
    assert Placement.objects.get().state == State.RELEASED
    assert Occupancy.objects.get().period == ran_out  # the bed has been free since then
    assert f'href="{page}"' not in read(browser.get("/beds"))


def test_the_house_can_still_mark_who_came_after_the_hold_ended(approved, person, luz, now):
    ran_out = DateTimeTZRange(now - timedelta(hours=14), now - timedelta(hours=2))
    Occupancy.objects.update(period=ran_out)
    Stay.objects.update(reserved=ran_out)
    browser = at(luz)
    page = read(browser.get("/house"))
    assert person.code_name in page
    assert "hold expired" in page
    assert "The beds are kept" not in page
    assert browser.post(f"/house/placements/{approved.pk}/arrived").status_code == 302
    assert Placement.objects.get().state == State.IN_HOUSE
    assert "hold expired" not in read(browser.get("/house"))


def test_beds_that_were_released_are_not_shown_as_expired(reserved, ana):
    browser, page = at(ana), f"/beds/placements/{reserved.pk}"
    assert browser.post(f"{page}/release").status_code == 302
    assert "Released" in read(browser.get(page))
    assert "hold expired" not in read(browser.get(page))


def test_only_who_could_open_the_address_is_offered_to_bring_her_there(reserved, ana, ines, olga):
    auditor = User.objects.create(username="vera", first_name="Vera A.", role=Role.AUDITOR)
    page = read(at(ana).get(f"/beds/placements/{reserved.pk}"))
    assert [f'value="{who.pk}"' in page for who in (ana, ines, olga, auditor)] == [True, True, True, False]

"""How many statements the pages that people open most ask of the database: never more than the aim of 20.

A test's own savepoint is not counted.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amparo.care.cases.rules import open_case
from amparo.foundation.access.models import Role, User
from amparo.line.contacts.models import DataSubjectRequest
from amparo.line.contacts.picklists import Right
from amparo.line.contacts.rules import open_contact
from amparo.line.knowledge.models import Article, ArticleVersion
from amparo.line.knowledge.picklists import State as ArticleState
from amparo.line.switchboard.models import Call, State

MOST = 20
PAGES = [
    ("/console", Role.OPERATOR), ("/console", Role.SUPERVISOR), ("/roster", Role.OPERATOR),
    ("/roster", Role.SUPERVISOR), ("/home", Role.OPERATOR), ("/home", Role.SUPERVISOR), ("/wallboard", Role.SUPERVISOR),
]  # fmt: skip


def statements(client: Client, page: str) -> list[str]:
    client.get(page)  # the first look takes the seat
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]


def desk_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "role"), PAGES)
def test_a_page_asks_no_more_than_the_aim(page, role):
    sent = statements(desk_of(User.objects.create(username="ana", role=role)), page)
    assert 5 < len(sent) <= MOST


def test_what_waits_for_a_supervisor_is_asked_for_by_list_and_not_by_row(ana):
    """Calls, late cases, articles of several owners and requests: three of each cost no more than one."""
    desk = desk_of(User.objects.create(username="sol", first_name="Sol", role=Role.SUPERVISOR))
    _one_of_each_waits(ana, 1)
    alone = statements(desk, "/home")
    for number in (2, 3):
        _one_of_each_waits(ana, number)
    sent = statements(desk, "/home")
    assert len(desk.get("/home").context["home"].rows) >= 9
    assert len(sent) == len(alone)
    assert len(sent) <= MOST


def _one_of_each_waits(ana: User, number: int) -> None:
    now = timezone.now()
    then = now - timedelta(days=40)
    Call.objects.create(arrived_at=now, waiting_since=now, turn_at=now, state=State.WAITING)
    call = Call.objects.create(arrived_at=then, answered_at=then, state=State.TALKING, operators=[ana.pk])
    contact = open_contact(call, by=ana, now=then)
    open_case(contact, by=ana, now=then)
    owner = User.objects.create(username=f"owner{number}", first_name=f"Owner {number}", role=Role.SUPERVISOR)
    article = Article.objects.create(
        owner=owner, review_on=timezone.localdate(now), added_at=then, published_at=then, state=ArticleState.PUBLISHED
    )
    ArticleVersion.objects.create(
        article=article, language="es", number=1, title="Inventado", sources="Inventada", written_at=then,
        written_by=owner,
    )  # fmt: skip
    DataSubjectRequest.objects.create(
        contact=contact, contact_number=contact.number, right=Right.READ_BACK, received_at=now, received_by=ana,
        due_on=timezone.localdate(now),
    )  # fmt: skip

import uuid

import pytest
from django.utils import timezone

from amparo.line.contacts.models import Contact
from amparo.line.contacts.rules import open_contact, save_draft
from amparo.line.roster.models import Device
from amparo.line.roster.rules import set_device, take_seat
from amparo.line.switchboard.models import Call, Message, State
from tests.browser import chromium
from tests.keys import message_key

from .tabs import PATIENCE, open_page, session_of
from .web import Web

NUMBER = "987 654 321"


@pytest.fixture
def call(ana, now) -> Call:
    return Call.objects.create(
        arrived_at=now, answered_at=now, state=State.TALKING, operators=[ana.pk], language="qu", pseudonym=b"p" * 16
    )


@pytest.fixture
def contact(call, ana, now) -> Contact:
    return open_contact(call, by=ana, now=now)


@pytest.fixture
def write(contact, ana, now):
    """Save fields as a new page that has seen the latest version."""

    def write(by=ana, **changes: str):
        seen = Contact.objects.get(pk=contact.pk).version
        return save_draft(contact, key=uuid.uuid4(), revision=1, based_on=seen, changes=changes, by=by, now=now)

    return write


@pytest.fixture
def filled_contact(write):
    """A contact with notes and a safe-contact card."""
    write(limits="yes", notes="words", safe_number=NUMBER, urgency="urgent", place="Madre de Dios")


@pytest.fixture
def message(call, ana, now):
    return Message.objects.create(call=call, left_at=now, key=message_key(ana), number=NUMBER, sound=b"\x7f")


@pytest.fixture
def fresh(contact):
    return lambda: Contact.objects.get(pk=contact.pk)


def counted() -> list[tuple]:
    """The columns that figures count."""
    columns = ("number", "channel", "type", "urgency", "ubigeo", "started", "ended", "operator")
    return list(Contact.objects.values_list(*columns))


@pytest.fixture(scope="module")
def browser():
    with pytest.MonkeyPatch.context() as patch, chromium() as browser:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright runs an event loop in this thread
        yield browser


@pytest.fixture(scope="module")
def web(browser, django_db_setup):
    web = Web()
    web.start()
    yield web
    web.kill()


@pytest.fixture
def sit_down(browser, web, contact):
    """Open a browser window of this operator, with the contact in the first tab.

    The operator talks by desk phone: a page of a call whose voice is in no browser opens a console around itself.
    """
    contexts = []

    def sit_down(user):
        take_seat(by=user, now=timezone.now())
        set_device(Device.PHONE, by=user)
        context = browser.new_context(locale="es-PE")
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([session_of(user, web)])
        return open_page(context, web, contact)

    yield sit_down
    for context in contexts:
        context.close()

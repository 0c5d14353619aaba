"""Inside the Debian of `try`, as root: `trial_contact.py write WORDS` writes a contact of an operator; `read` prints
its words. It runs in the environment of the package, so that the version that runs seals, and opens.
"""

import os
import sys
import uuid

import django

from amparo.foundation.core.settings_file import read_settings_file

os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"
read_settings_file()
django.setup()

from django.utils import timezone  # noqa: E402

from amparo.foundation.access.models import HOTLINE, Agency, User  # noqa: E402
from amparo.foundation.access.rules import enrol  # noqa: E402
from amparo.foundation.core.actor import acting_as  # noqa: E402
from amparo.line.contacts.models import Contact  # noqa: E402
from amparo.line.contacts.rules import open_contact, save_draft  # noqa: E402
from amparo.line.switchboard.models import Call, State  # noqa: E402

now = timezone.now()
if sys.argv[1] == "write":
    enrol("operadora", "Operadora", "operator", Agency.objects.get(pk=HOTLINE), now)
    operator = User.objects.get(username="operadora")
    call = Call.objects.create(arrived_at=now, answered_at=now, state=State.TALKING, operators=[operator.pk])
    contact = open_contact(call, by=operator, now=now)
    changes = {"notes": sys.argv[2]}
    save_draft(contact, key=uuid.uuid4(), revision=1, based_on=contact.version, changes=changes, by=operator, now=now)
else:
    operator = User.objects.get(username="operadora")
    with acting_as(operator.acting()):
        print(Contact.objects.get(operator=operator).notes)

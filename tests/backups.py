"""A hotline with planted contacts, its backups, and how much of them can be opened: for tests and measurements."""

import uuid
from pathlib import Path

import pyrage

from .hotline import Hotline

WORDS = ("Zorzalinda Quispealta", "cañaveral hondo", "Jirón Quebracho", "+51900778")
CONTROL = "Urubambilla control"  # in the database, readable for everybody


class Safe:
    """A custodian with an age identity, who alone can open what is encrypted to it."""

    def __init__(self, folder: Path) -> None:
        self.identity = pyrage.x25519.Identity.generate()
        self.file = folder / f"identity-{uuid.uuid4().hex[:6]}"
        self.file.write_text(f"# public key: {self.recipient}\n{self.identity}\n")

    @property
    def recipient(self) -> str:
        return str(self.identity.to_public())


def plant(contacts: int) -> dict[str, str]:
    """Runs in a hotline's process: make contacts. Returns the page of each contact -> its notes."""
    from django.utils import timezone

    from amparo.foundation.access.models import Agency, Kind, User
    from amparo.foundation.core.actor import acting_as
    from amparo.line.contacts.rules import open_contact, save_draft
    from amparo.line.switchboard.models import Call

    Agency.objects.create(name=CONTROL, kind=Kind.NGO, is_invented=True)
    ana, now, pages = User.objects.get(username="ana"), timezone.now(), {}
    calls = Call.objects.bulk_create(Call(arrived_at=now, operators=[ana.pk]) for _ in range(contacts))
    with acting_as(ana.acting()):
        for n, call in enumerate(calls):
            contact = open_contact(call, by=ana, now=now)
            notes = f"{n}: {WORDS[1]} {n}"
            changes = {
                "limits": "yes", "notes": notes, "safe_number": f"{WORDS[3]}{n:04}",
                "safe_who": f"{WORDS[0]} {n}", "safe_story": f"{WORDS[2]} {n}",
            }  # fmt: skip
            save_draft(contact, key=uuid.uuid4(), revision=1, based_on=0, changes=changes, by=ana, now=now)
            pages[f"/contacts/{contact.pk}"] = notes
    return pages


def sealed() -> tuple[int, int]:
    """Runs in a hotline's process: how many sealed values exist, and how many can be opened here."""
    from django.conf import settings

    from amparo.foundation.backup.checking import count_sealed_values, open_sample
    from amparo.foundation.backup.database import database_of
    from amparo.foundation.vault.wrapping import keyring

    with database_of(settings.ENVIRONMENT).connect() as link:
        return count_sealed_values(link), open_sample(link, keyring(), None).opened


def rights() -> list[tuple]:
    """Runs in a hotline's process: every policy, privilege and owner of tables, columns and functions."""
    from django.conf import settings

    from amparo.foundation.backup.database import database_of

    with database_of(settings.ENVIRONMENT).connect() as link:
        return link.execute(RIGHTS).fetchall()


RIGHTS = """
select 'policy', tablename || ' ' || policyname, concat_ws(' ', roles, cmd, qual, with_check)
    from pg_policies union all
select 'table', oid::regclass::text, concat_ws(' ', relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner),
        (select string_agg(acl::text, ',' order by acl::text) from unnest(relacl) acl))
    from pg_class where relkind in ('r', 'S') and relnamespace::regnamespace::text
        in ('public', 'acting', 'audit', 'oversight')
    union all
select 'column', attrelid::regclass || '.' || attname, array_to_string(attacl, ',') from pg_attribute
    where attacl is not null and attrelid >= 16384 union all
select 'function', oid::regprocedure::text, concat_ws(' ', prosecdef, pg_get_userbyid(proowner),
        (select string_agg(acl::text, ',' order by acl::text) from unnest(proacl) acl))
    from pg_proc where pronamespace::regnamespace::text in ('public', 'acting', 'audit', 'oversight') union all
select 'schema', nspname, (select string_agg(acl::text, ',' order by acl::text) from unnest(nspacl) acl)
    from pg_namespace where nspname in ('public', 'acting', 'audit', 'oversight')
order by 1, 2, 3"""


def back_up(hotline: Hotline, safe: Safe, data: Path, keys: Path, *options: str) -> str:
    """Make a backup; returns the command's last line."""
    hotline.settings["AMPARO_BACKUP_RECIPIENTS"] = safe.recipient
    done = hotline.run("backup", str(data), "--keys", str(keys), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout

"""Search sealed data: keyed tokens of names, numbers and words; equal values have equal tokens.

A token is a truncated HMAC. Its key is outside the database, one for each agency and kind. A thief of the table sees
which rows are equal; a thief of the key too can try all numbers of a country: guard it like the rest.
"""

import hashlib
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import raise_unreachable
from amparo.foundation.core.actor import Actor, acting_as
from amparo.foundation.core.derived_keys import keyed_digest
from amparo.foundation.core.refusal import Refused

from . import spelling
from .models import DataKey, Token
from .wrapping import keyring

BYTES = 16
FORMS = {
    Token.Kind.NAME: spelling.name_forms, Token.Kind.NUMBER: spelling.number_forms,
    Token.Kind.WORD: spelling.word_forms, Token.Kind.PLATE: spelling.plate_forms,
    Token.Kind.REGISTER: spelling.register_number_forms,
}  # fmt: skip

# The search and its ledger entries are one statement: nothing is found that is not logged. The tokens pass through a
# subselect, so that the length of the list does not force a new plan, which would cost as much as the search.
FIND = """
with found as materialized (
    select coalesce(array_agg(key_id), '{}') as keys from (
        select key_id from vault_token where kind = %(kind)s and token = any((select %(tokens)s::bytea[])::bytea[])
        group by key_id having count(*) = %(how_many)s
    ) each
), told as materialized (
    select keys, case when keys = '{}' then audit.append('find', 'nothing', array[%(kind)s::text], null)
    else audit.append_each('find', array(select 'datakey ' || key from unnest(keys) key), array[%(kind)s::text], keys)
    end from found
) select keys from told"""


def store_tokens(key: DataKey, kind: Token.Kind, *texts: str | None) -> None:
    """Make the record under this key searchable by these texts instead of earlier ones of this kind.

    Texts that are None or blank are left out; without any other, this kind no longer finds the record.
    """
    found = [make_tokens(kind, text or "", key.agency_id) for text in texts or ("",)]
    made_with, tokens = found[0][0], {token for _made_with, of_text in found for token in of_text}
    Token.objects.filter(key=key, kind=kind).exclude(token__in=tokens).delete()
    Token.objects.bulk_create(
        [Token(key=key, kind=kind, token=token, made_with=made_with) for token in tokens], ignore_conflicts=True
    )


def tokens_of(kind: Token.Kind, *texts: str, agency: int) -> set[bytes]:
    """Return the tokens by which a record with these texts would be found. Stores nothing."""
    return {token for text in texts for token in make_tokens(kind, text, agency)[1]}


def is_searchable(kind: Token.Kind, text: str) -> bool:
    """True if a record can be found by this text. A telephone number "none", or a single letter, finds nothing."""
    return bool(FORMS[kind](text))


def search_records(kind: Token.Kind, text: str, *, acting: Actor) -> list[UUID]:
    """Return the ids of the data keys of records that contain exactly this text. The actor must hold the keys.

    Raises `Refused` if the actor has no purpose, or if `text` is too short to search by. Each search is logged with its
    purpose, in the file of each record found, or once if nothing was found.
    """
    if not acting.purpose:
        raise Refused(_("Say why you search."))
    _made_with, tokens = make_tokens(kind, text, acting.agency)
    if not tokens:
        raise Refused(_("Write all of it: a part cannot be searched."))
    with (
        acting_as(acting, asynchronous_commit=True, savepoint=False),
        raise_unreachable("find"),
        connection.cursor() as cursor,
    ):
        cursor.execute(FIND, {"kind": kind.value, "tokens": tokens, "how_many": len(tokens)})
        keys: list[UUID] = cursor.fetchone()[0]
    return keys


label_verb("find", gettext_lazy("found it by its number"))


def make_tokens(kind: Token.Kind, text: str, agency: int) -> tuple[str, list[bytes]]:
    """Return the id of the search key, and a token for each spelling of `text` that the search treats as equal. Stores
    nothing.
    """
    search_key, label = keyring().search_key(agency), f"token|{kind}|{agency}"
    made_with = hashlib.sha256(search_key).hexdigest()[:8]
    return made_with, [keyed_digest(search_key, label, form.encode())[:BYTES] for form in sorted(FORMS[kind](text))]

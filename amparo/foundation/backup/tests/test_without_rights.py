"""A backup is loaded without its rights, by pg_restore of any version: what it lists, as PostgreSQL 17 writes it."""

import base64
import gzip

import pytest

from amparo.foundation.core.refusal import Misconfigured

from ..files import DATA, Head
from ..loading import LARGEST_SCHEMA, _unpacked_schema, without_rights

LISTED = """;
;     TOC Entries: 4
;
234; 1259 16437 TABLE public POLICY amparo
5120; 0 16437 ROW SECURITY public contacts_contact amparo
5121; 3256 17011 POLICY public contacts_contact contacts_are_seen_by_holders amparo
5122; 2618 17012 RULE public contacts_contact nothing_changes amparo
5123; 3466 17013 EVENT TRIGGER - of_a_stranger amparo
5124; 0 0 ACL public TABLE contacts_contact amparo
4950; 2606 16500 CONSTRAINT public contacts_contact a_policy_key amparo
"""


def test_policies_privileges_and_rules_are_left_out_and_nothing_else():
    kept = [line for line in without_rights(LISTED).splitlines() if not line.startswith(";")]
    assert [line.split(";")[0] for line in kept] == ["234", "4950"]


def head(packed: bytes) -> Head:
    return Head(DATA, "2026-11-24T01:00:00+00:00", "amparo", "amparo", {}, schema=base64.b64encode(packed).decode())


def test_a_schema_that_unpacks_to_gigabytes_or_is_cut_off_is_refused():
    packed = gzip.compress(b"a schema")
    assert _unpacked_schema(head(packed)) == b"a schema"
    for broken in (gzip.compress(bytes(LARGEST_SCHEMA + 1)), packed[:-4], b"no gzip", b""):
        with pytest.raises(Misconfigured):
            _unpacked_schema(head(broken))

"""A backup is loaded without its policies, by pg_restore of any version: what it lists, as PostgreSQL 17 writes it."""

from ..loading import without_policies

LISTED = """;
;     TOC Entries: 4
;
234; 1259 16437 TABLE public POLICY amparo
5120; 0 16437 ROW SECURITY public contacts_contact amparo
5121; 3256 17011 POLICY public contacts_contact contacts_are_seen_by_holders amparo
4950; 2606 16500 CONSTRAINT public contacts_contact a_policy_key amparo
"""


def test_policies_and_row_security_are_left_out_and_nothing_else():
    kept = [line for line in without_policies(LISTED).splitlines() if not line.startswith(";")]
    assert [line.split(";")[0] for line in kept] == ["234", "4950"]

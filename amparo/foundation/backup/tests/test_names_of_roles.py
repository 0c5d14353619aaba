"""A backup is restored into a database of another name: its roles are renamed, and nothing else is."""

from ..loading import _rename_roles

NAMES = {"old_web": "new_web", "owner": "Other Owner"}


def test_roles_are_renamed_whether_quoted_or_not():
    renamed = _rename_roles('grant select on t to old_web; grant all on t to "owner";', NAMES)
    assert renamed == 'grant select on t to "new_web"; grant all on t to "Other Owner";'


def test_names_that_only_begin_or_end_alike_stay():
    same = 'grant select on old_web_log, "old_web x", my_owner, owners to PUBLIC;'
    assert _rename_roles(same, NAMES) == same

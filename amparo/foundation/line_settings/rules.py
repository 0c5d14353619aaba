"""Change a setting of the line, undo a change, and give the values that are in force to every process."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.access import permissions
from amparo.foundation.access.action import action
from amparo.foundation.access.models import User
from amparo.foundation.core import published_documents as documents
from amparo.foundation.core.live import notify
from amparo.foundation.core.refusal import Refused

from .definitions import BY_NAME, SETTINGS, Group, Kind, LineSettings, Setting, Unit, Value, refuse_contradiction
from .hours import is_open
from .models import SettingChange

__all__ = [
    "BY_NAME", "SETTINGS", "Group", "Kind", "LineSettings", "Setting", "Unit", "Value", "change_setting", "current",
    "keep", "load", "load_copy", "refresh", "rewrite", "take_over", "undo_change",
]  # fmt: skip

TOPIC = "line-settings"
FOLDER, NAME = "line-settings", "stored"  # of the file


class Copy:
    """The values that this process keeps. None: it keeps none, and reads the file each time."""

    values: LineSettings | None = None


def current() -> LineSettings:
    """Return the values that are in force.

    Without a copy in this process they are read from a file, because a public page never asks the database.
    """
    if Copy.values is not None:
        return Copy.values
    document = documents.read_document(FOLDER, NAME)
    return load() if document is None else _usable(document)


def keep(values: LineSettings | None) -> None:
    """Let `current` return these values in this process. None: let it read the file each time."""
    Copy.values = values


def load() -> LineSettings:
    """Read the values from the database. A stored value that this version cannot use counts as shipped."""
    return _usable(_stored())


def refresh() -> LineSettings:
    """Read the values from the database, and keep them if this process keeps a copy: what it shows next fits them."""
    values = load()
    if Copy.values is not None:
        keep(values)
    return values


def _stored() -> dict[str, Any]:
    return {name: change.value for name, change in SettingChange.objects.newest_of_each().items()}


def _usable(stored: Mapping[str, Any]) -> LineSettings:
    ours = {name: value for name, value in stored.items() if name in BY_NAME}
    return LineSettings(**{name: value for name, value in ours.items() if BY_NAME[name].is_usable(value)})


def rewrite() -> None:
    """Write the file of the values anew: after each change, and at each start, because a restored home has none."""
    documents.replace_documents(FOLDER, {NAME: _stored()})


def load_copy() -> None:
    """Read the values into the copy of this process."""
    values = load()
    is_open(values, timezone.now())  # here and not in a call: the first look at holidays takes half a second
    keep(values)


@action(permissions.keep_installation, label=gettext_lazy("changed a setting of the line"))
def change_setting(setting: Setting, text: str, *, by: User) -> SettingChange:
    """Set what somebody wrote. Raises `Refused` with a sentence if it cannot be used, or is the same as before."""
    value, values = setting.parse(text), load()
    before: Value = getattr(values, setting.name)
    if value == before:
        raise Refused(_("“%(title)s” is so already: nothing was changed.") % {"title": setting.title})
    _refuse_contradiction(values, setting, value)
    return _store(setting, value, before, by)


@action(permissions.keep_installation, label=gettext_lazy("undid a change of a setting of the line"))
def undo_change(change: SettingChange, *, by: User) -> SettingChange:
    """Set what was there before this change. Raises `Refused` if it is not the newest one of its setting."""
    setting, values = BY_NAME.get(change.setting), load()
    newest = SettingChange.objects.filter(setting=change.setting).newest_first().first()
    if setting is None or newest != change:
        raise Refused(_("This setting has changed again since. Load the page anew, and look at what is there."))
    if change.before == "" and not setting.may_be_blank:
        raise Refused(_("“%(title)s” can be changed, and not taken away.") % {"title": setting.title})
    before: Any = change.before
    _refuse_contradiction(values, setting, before)
    return _store(setting, before, getattr(values, setting.name), by)


def _refuse_contradiction(values: LineSettings, setting: Setting, value: Any) -> None:
    refuse_contradiction(replace(values, **{setting.name: value}), setting.name)


def _store(setting: Setting, value: Value, before: Value, by: User) -> SettingChange:
    notify(TOPIC)
    made = SettingChange.objects.create(setting=setting.name, value=value, before=before, by=by)
    transaction.on_commit(rewrite)
    return made


def take_over(carried: Mapping[str, Value]) -> list[str]:
    """Store what the environment carries of settings that were never stored, and return their names. The start does it.

    What people decided since is never changed.
    """
    with transaction.atomic():
        missing = carried.keys() - SettingChange.objects.newest_of_each().keys()
        names = [name for name in carried if name in missing]
        SettingChange.objects.bulk_create(
            SettingChange(setting=name, value=carried[name], before=BY_NAME[name].shipped) for name in names
        )
        if names:
            notify(TOPIC)
    return names

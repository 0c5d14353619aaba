"""The settings of the line as the page shows them: each in its part, with its value, and what was changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amparo.foundation.line_settings.models import SettingChange
from amparo.foundation.line_settings.rules import BY_NAME, SETTINGS, Group, Kind, LineSettings, Setting, Unit
from amparo.line.channels.rules import written_channels

from .environment_settings import Setting as OfEnvironment
from .environment_settings import all_settings

CHANGES_SHOWN = 20
FIRST_ANSWERS = ("es", "en")  # the languages of the automatic first answer
OF_TRUNK = ("AMPARO_TRUNKS", "AMPARO_TRUNK", "AMPARO_TRUNK_USER")


@dataclass(frozen=True)
class Row:
    """One setting with its field."""

    setting: Setting
    value: str  # as the field shows it: what is in force, or what somebody just wrote

    @property
    def is_choice(self) -> bool:
        return self.setting.kind is Kind.YES_NO

    @property
    def width(self) -> str:
        return {Kind.NUMBER: "short", Kind.TELEPHONE: "middle", Kind.HOURS: "middle"}.get(self.setting.kind, "wide")

    @property
    def unit(self) -> str:
        return str(self.setting.unit.value)


@dataclass(frozen=True)
class Change:
    """One change in words."""

    row: SettingChange
    title: str | Promise
    before: str
    value: str


def trunk_settings() -> list[OfEnvironment]:
    """Return what the environment sets about the trunk."""
    return [it for it in all_settings() if it.name in OF_TRUNK]


def parts(values: LineSettings, typed: Mapping[str, str]) -> Iterator[tuple[Group, list[Row]]]:
    """Yield the parts of the page. `typed`, by name of setting: what somebody wrote that was refused."""
    for group in Group:
        rows = [
            Row(setting, typed.get(setting.name, _as_text(getattr(values, setting.name))))
            for setting in SETTINGS
            if setting.group is group
        ]
        yield group, rows


def first_answers() -> list[tuple[str | Promise, str, str]]:
    """Return what each written channel of this line answers first: its title, the language's code, the words."""
    found = []
    for channel in written_channels():
        for language in FIRST_ANSWERS:
            with translation.override(language):
                found.append((channel.title, language, channel.first_answer()))
    return found


def newest_changes() -> list[Change]:
    """Return the newest changes, of settings that this version has."""
    rows = SettingChange.objects.filter(setting__in=BY_NAME).newest_first()[:CHANGES_SHOWN]
    return [
        Change(row, (it := BY_NAME[row.setting]).title, _in_words(it, row.before), _in_words(it, row.value))
        for row in rows
    ]


def _as_text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _in_words(setting: Setting, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if setting.kind is Kind.HOURS and value == "":
        return _("closed")
    if value in ("", None):
        return _("nothing")
    return f"{value} {setting.unit.value}".strip() if setting.unit is not Unit.NONE else str(value)

"""All keys of the console, in one table. Key caps, the list behind `?` and the command search are made from it.

`code` is the physical key (KeyboardEvent.code): Alt A stays under the left hand in every keyboard layout. A key
presses the button on the screen that carries its name.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Key:
    name: str
    code: str
    does: str | Promise
    twice: bool = False  # two presses, so that nobody cuts a call by mistake

    @property
    def caps(self) -> str:
        """The key as printed beside the button: `Alt Z Z`."""
        caps = self.code.replace("Key", "").replace("Digit", "").replace("+", " ")
        return f"{caps} {caps[-1]}" if self.twice else caps

    @property
    def shortcut(self) -> str:
        """The key as `aria-keyshortcuts` names it: `Alt+Z`."""
        return self.code.replace("Key", "").replace("Digit", "").replace("Ctrl", "Control")


KEYS = (
    Key("first", "Alt+KeyA", _("Answer; send; be ready; save and be ready")),
    Key("chat", "Alt+KeyE", _("Answer whoever writes next")),
    *(Key(f"talk-{n}", f"Alt+Digit{n}", _("Who writes with me: the first, second, third")) for n in (1, 2, 3)),
    Key("mute", "Alt+KeyS", _("Mute my voice")),
    Key("hold", "Alt+KeyQ", _("Put on hold")),
    Key("pass", "Alt+KeyR", _("Transfer; pass on to another")),
    Key("supervisor", "Alt+KeyW", _("Ask the supervisor")),
    Key("danger", "Alt+KeyX", _("Raise danger alert")),
    Key("seen", "Alt+KeyG", _("I am on it: a danger that sounds")),
    Key("end", "Alt+KeyZ", _("End: twice, so as not to cut by mistake"), twice=True),
    Key("console", "Alt+KeyV", _("To the console, or back to what I looked up")),
    Key("notes", "Alt+KeyT", _("Notes")),
    Key("consent", "Alt+KeyC", _("What may be shared")),
    Key("tab-screening", "Alt+KeyI", _("Beside the notes: screening. Again: go into it")),
    Key("tab-directory", "Alt+KeyD", _("Beside the notes: directory")),
    Key("tab-consent", "Alt+KeyO", _("Beside the notes: consent")),
    Key("tab-bed", "Alt+KeyB", _("Beside the notes: bed")),
    Key("tab-report", "Alt+KeyN", _("Beside the notes: police report")),
    Key("tab-case", "Alt+KeyF", _("Beside the notes: follow as a case")),
    Key("tab-articles", "Alt+KeyL", _("Beside the notes: articles")),
    Key("tab-guide", "Alt+KeyH", _("Beside the notes: guide")),
    Key("suggested", "Alt+KeyU", _("To what the notes suggest: an article, a sign, the place")),
    Key("rest", "Alt+KeyP", _("Break")),
    Key("silent", "Alt+Digit0", _("Yes-or-no questions for who cannot speak")),
    Key("ending", "1-9", _("Wrap-up: what it was")),
    Key("search", "Ctrl+KeyK", _("Find anything")),
    Key("list", "?", _("This list")),
    Key("back", "Esc", _("Back to the notes; never deletes")),
)
BY_NAME = {key.name: key for key in KEYS}

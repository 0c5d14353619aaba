"""Forms in which a supervisor writes a course: its person, lesson, questions, steps, and recordings of lines."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amparo.foundation.core import form_fields as fields
from amparo.line.contacts.picklists import CallerRole, Type, Urgency
from amparo.line.roster.models import Queue

from .courses import OWN_VOICE, voice_names
from .models import LONGEST_LINE, LONGEST_NAME, OwnCourse, all_courses
from .quiz import MOST_CHOICES
from .tree import START, STEMS, End, Mark, Signal, Step, without_accents

MOST_LINES, MOST_SECONDS = 6, 120
# The fields of a step's branches, in the order in which they are tried.
ROWS = (
    ("hears_1", Signal.HEARS), ("hears_2", Signal.HEARS), ("noted_1", Signal.NOTED), ("noted_2", Signal.NOTED),
    ("long", Signal.LONG), ("silent", Signal.SILENT), ("else", Signal.ELSE),
)  # fmt: skip
WRITTEN, SPOKEN = {Signal.HEARS}, {Signal.LONG, Signal.SILENT}  # signals of chats and of calls alone


class CourseForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    about = forms.CharField(label=gettext_lazy("What it is about, for the trainee"), max_length=400)
    persona = forms.CharField(label=gettext_lazy("The person, with the word “invented”"), max_length=80)
    caller = forms.ChoiceField(label=gettext_lazy("Writes or calls"), required=False)
    caller_role = fields.choice_field(CallerRole, gettext_lazy("Right answer: who it is"), required=True)
    type = fields.choice_field(Type, gettext_lazy("Right answer: what it is"), required=True)
    urgency = fields.choice_field(Urgency, gettext_lazy("Right answer: how urgent"), required=True)
    pass_mark = forms.IntegerField(label=gettext_lazy("Points to pass, of 100"), min_value=1, max_value=100)
    queue = fields.choice_field(Queue, gettext_lazy("Gives the certificate for"))
    days = forms.IntegerField(label=gettext_lazy("Days for which it is valid"), min_value=1, max_value=1095)
    is_offered = forms.BooleanField(label=gettext_lazy("Trainees can practise it"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spoken = [(id, _("calls, with the voice of %s") % name) for id, name in voice_names().items()]
        choices = [("", _("writes")), *spoken, (OWN_VOICE, _("calls, with your own recordings alone"))]
        self.fields["caller"].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def of(cls, own: OwnCourse) -> "CourseForm":
        names = ("title", "about", "persona", "caller", "pass_mark", "queue", "days", "is_offered")
        expected = own.expected
        right = {"caller_role": expected["role"], "type": expected["type"], "urgency": expected["urgency"]}
        return cls(initial={name: getattr(own, name) for name in names} | right)

    def clean_persona(self) -> str:
        persona: str = self.cleaned_data["persona"]
        if not any(word in persona.casefold() for word in ("inventad", "invented")):
            raise forms.ValidationError(_("Say that the person is invented, such as “Rosa, 30 (invented)”."))
        return persona


class StepForm(forms.Form):
    """One step: what the person says, and the branches to next steps. A row without a next step is ignored."""

    says = fields.text_field(gettext_lazy("What the person says, a line each"), required=True, rows=4, most=2000)
    end = fields.choice_field(End, gettext_lazy("The conversation ends here: the person"))

    def __init__(self, *args: Any, steps: list[str], is_call: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = [(name, signal) for name, signal in ROWS if signal not in (WRITTEN if is_call else SPOKEN)]
        for name, signal in self.rows:
            label = Signal(signal).label
            if signal == Signal.HEARS:
                self.fields[name] = forms.CharField(
                    label=_("If the trainee %s, with commas between them") % label, required=False, max_length=400
                )
            elif signal == Signal.NOTED:
                self.fields[name] = fields.choice_field(Mark, _("If the trainee %s") % label)
            elif signal != Signal.ELSE:
                self.fields[name] = forms.IntegerField(
                    label=_("If the trainee %s") % label, required=False, min_value=1, max_value=MOST_SECONDS
                )
            then = _("then") if signal != Signal.ELSE else _("Once the trainee %s, then") % label
            self.fields[f"{name}_step"] = forms.ChoiceField(
                label=then, required=False, choices=[("", "—"), *((each, each) for each in steps)]
            )

    @classmethod
    def of(cls, step: Step, **about: Any) -> "StepForm":
        initial: dict[str, Any] = {"says": "\n".join(step.says), "end": step.end}
        free = list(ROWS)
        for branch in step.branches:
            if row := next((each for each in free if each[1] == branch.signal), None):
                free.remove(row)
                value = str(branch.value).replace(STEMS, ", ") if branch.signal == Signal.HEARS else branch.value
                initial |= {row[0]: value, f"{row[0]}_step": branch.step}
        return cls(initial=initial, **about)

    def clean_says(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["says"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
            sentence = _("Write at most %(lines)d lines of %(letters)d letters.")
            raise forms.ValidationError(sentence % {"lines": MOST_LINES, "letters": LONGEST_LINE})
        return lines

    def clean(self) -> None:
        for name, signal in self.rows:
            value, step = self.cleaned_data.get(name), self.cleaned_data.get(f"{name}_step")
            if signal != Signal.ELSE and bool(value) != bool(step):
                self.add_error(name, _("Give both: what the trainee does, and the next step."))
            elif signal == Signal.HEARS and value and not self._value(name, signal):
                self.add_error(name, _("Write the words that the person listens for."))
        if self.cleaned_data.get("end") and any(self.cleaned_data.get(f"{name}_step") for name, _signal in self.rows):
            self.add_error("end", _("A step that ends the conversation leads nowhere."))

    @property
    def step(self) -> dict[str, Any]:
        """The typed step, as `tree.steps_of` reads it. Only for a valid form."""
        branches = [
            [signal, self._value(name, signal), self.cleaned_data[f"{name}_step"]]
            for name, signal in self.rows
            if self.cleaned_data[f"{name}_step"]
        ]
        return {"says": self.cleaned_data["says"], "branches": branches, "end": self.cleaned_data["end"]}

    def _value(self, name: str, signal: Signal) -> str | int:
        value: str | int = self.cleaned_data.get(name) or ""
        if signal != Signal.HEARS:
            return value
        stems = (without_accents(stem.strip()) for stem in str(value).split(","))
        return STEMS.join(stem for stem in stems if stem)


class LessonForm(forms.Form):
    lesson = fields.text_field(
        gettext_lazy("Lesson: paragraphs, and lists whose lines begin with “-”"), rows=14, most=12_000
    )
    quiz_mark = forms.IntegerField(
        label=gettext_lazy("Right answers to pass the quiz, of 100"), min_value=1, max_value=100
    )

    @classmethod
    def of(cls, own: OwnCourse) -> "LessonForm":
        return cls(initial={"lesson": own.lesson, "quiz_mark": own.quiz_mark})


class QuestionForm(forms.Form):
    asks = forms.CharField(label=gettext_lazy("Question"), max_length=300)
    choices = fields.text_field(
        gettext_lazy("Choices, a line each. Begin each right one with “*”"), required=True, rows=5, most=1500
    )
    why = forms.CharField(label=gettext_lazy("Why: shown after the answer"), max_length=600)

    @classmethod
    def of(cls, question: dict[str, Any]) -> "QuestionForm":
        right = question["right"]
        lines = [f"*{line}" if at in right else line for at, line in enumerate(question["choices"])]
        return cls(initial={**question, "choices": "\n".join(lines)})

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines() if line.strip(" *")]
        if not 2 <= len(lines) <= MOST_CHOICES or not any(line.startswith("*") for line in lines):
            raise forms.ValidationError(
                _("Write 2 to %d choices, and begin at least one with “*”: that one is right.") % MOST_CHOICES
            )
        return lines

    @property
    def question(self) -> dict[str, Any]:
        """The typed question, as `OwnCourse.question` stores it. Only for a valid form."""
        lines = self.cleaned_data["choices"]
        return {
            "asks": self.cleaned_data["asks"], "choices": [line.lstrip("* ") for line in lines],
            "right": [at for at, line in enumerate(lines) if line.startswith("*")], "why": self.cleaned_data["why"],
        }  # fmt: skip


class NewStepForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the new step"), max_length=LONGEST_NAME)

    def clean_name(self) -> str:
        return as_code(self.cleaned_data["name"])


class CopyForm(forms.Form):
    """A new course as a copy of another one. Its code is made from its title."""

    source = forms.ChoiceField(label=gettext_lazy("Written from"))
    title = forms.CharField(label=gettext_lazy("Title of the new course"), max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, course.title) for code, course in all_courses().items()]
        self.fields["source"].choices = choices  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        self.cleaned_data["code"] = as_code(title)
        return title


def as_code(title: str) -> str:
    """Return a title as a part of an address: "¿Es de confianza?" becomes "es-de-confianza".

    Raises `ValidationError` for a title without letters and digits.
    """
    code = slugify(title)[:40].strip("-")
    if not code:
        raise forms.ValidationError(_("Write at least one letter or digit."))
    return code


class RecordingForm(forms.Form):
    line = forms.ChoiceField(label=gettext_lazy("Line"))
    file = forms.FileField(
        label=gettext_lazy("Recording: WAV, one channel, 8,000 samples a second, at most 30 seconds")
    )

    def __init__(self, *args: Any, lines: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [(line, line) for line in lines]  # type: ignore[attr-defined]


def step_names(course: OwnCourse) -> list[str]:
    """Return the names of the steps in the order in which a conversation reaches them, then all that it cannot reach.

    `OwnCourse.step` has no order of its own, because it is stored as JSON.
    """
    found = [START]
    for name in found:
        next_ones = dict.fromkeys(branch[2] for branch in course.step[name]["branches"])
        found += [step for step in next_ones if step not in found]
    return [*found, *(name for name in course.step if name not in found)]

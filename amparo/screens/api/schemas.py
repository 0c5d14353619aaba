"""What programs are answered, and what they send: its shape alone. What it may say, the forms of the rooms know."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field

from amparo.care.consent.disclosure import Data
from amparo.care.referrals.picklists import Decision, DeclineReason, ReportEventKind, Source, State


def _readable(text: str) -> str:
    """JSON can say half of a letter, which is none, and no file or page can hold it."""
    text.encode()  # pydantic makes a refusal of what it raises
    return text


DETAILS = "Beside the facts, each as she agreed to it, or who called did. What is missing is not told, or not any more."
Text = Annotated[str, AfterValidator(_readable)]


class Refusal(Schema):
    sentence: str = Field(description="For a person to read. It never holds what was sent.")


class Line(Schema):
    """A report in the list."""

    id: UUID
    code: str = Field(description="What people call it.", examples=["D-31"])
    number: int
    is_danger: bool
    source: Source
    known_how: Literal["", "seen", "heard"] = Field(description="Of a witness or a tip; blank: she lived through it.")
    ubigeo: str = Field(description="INEI's code of the place; blank: not known.")
    sent_at: datetime
    receive_by: datetime
    received_at: datetime | None
    decide_by: datetime
    decided_at: datetime | None
    waits_for_the_line: bool = Field(description="A question back has no answer yet.")


class Lines(Schema):
    reports: list[Line] = Field(description="The newest first.")
    before: int | None = Field(description="Ask for those before this number; null: there are no more.")


class Step(Schema):
    id: UUID
    kind: ReportEventKind
    decision: Decision | None
    words: str | None
    may_tell: str | None = Field(description="What she may be told of it; null: nothing.")
    at: datetime
    by: str = Field(description="The institution that says it.")


class Whole(Line):
    """A report, and what has happened to it."""

    facts: str
    traces: str | None = Field(description="Telephones, plates, nicknames, with commas; null: not known.")
    details: dict[Data, str] = Field(description=DETAILS)
    because: str = Field(description="The basis on which it is told.")
    policy: str
    until: datetime = Field(description="Until when it can be read here, unless she takes it back before.")
    steps: list[Step]


class Done(Schema):
    """What was added. Its words are read with the report."""

    id: UUID
    kind: ReportEventKind
    decision: Decision | None
    at: datetime


class Folio(Schema):
    folio: Text


class Words(Schema):
    words: Text


class CameOfIt(Schema):
    words: Text
    may_tell: Text = Field("", description="What she may be told of it, in words for her. The rest she is not told.")


class Decided(Schema):
    decision: Decision
    words: Text = ""
    may_tell: Text = Field("", description="What she may be told of it, in words for her. The rest she is not told.")


type Theirs = Literal["accepted", "declined", "arrived", "served"]  # what a service says itself


class AskedLine(Schema):
    """A referral in the list."""

    id: UUID
    code: str = Field(description="What people call it.", examples=["R-31"])
    number: int
    service: UUID = Field(description="Which service is asked: its id in the directory, and in HSDS.")
    is_danger: bool
    state: State
    sent_at: datetime
    answer_by: datetime


class AskedLines(Schema):
    referrals: list[AskedLine] = Field(description="The newest first.")
    before: int | None = Field(description="Ask for those before this number; null: there are no more.")


class TurnOf(Schema):
    kind: Theirs
    at: datetime


class Asked(AskedLine):
    """A referral: what she agreed that you are told, and what you may say now."""

    facts: str = Field(description="Blank: you do not take her, and read no more of her.")
    details: dict[Data, str] = Field(description=DETAILS)
    turns: list[TurnOf]
    next: list[Theirs] = Field(description="What may be said now.")


class Answered(Schema):
    kind: Theirs
    why_not: DeclineReason | None = Field(None, description="Of who declines, and of nobody else.")
    words: Text = ""


class Said(Schema):
    """What was added, without its words."""

    id: UUID
    kind: Theirs
    why_not: DeclineReason | None
    at: datetime

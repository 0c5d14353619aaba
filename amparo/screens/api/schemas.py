"""The shapes of answers and requests. The rooms' forms validate the content."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field

from amparo.care.consent.picklists import Data
from amparo.care.police_reports.picklists import Decision, ReportEventKind, Source
from amparo.care.referrals.picklists import State


def _readable(text: str) -> str:
    """Return the text. Raises ValueError for half of a surrogate pair, which JSON can hold, but no file or page."""
    text.encode()  # raises ValueError, which pydantic turns into a refusal
    return text


DETAILS = "Details beside the facts, each by consent of the person or the caller. A missing one is not disclosed."
REASONS = "A code of the line's list; the line may add codes that begin with “own-”."
REASONS = "A code of the line's list; the line may add codes that begin with “own-”."
Text = Annotated[str, AfterValidator(_readable)]


class Refusal(Schema):
    sentence: str = Field(description="For a person to read. It never holds what was sent.")


class ReportLine(Schema):
    """A report in a list."""

    id: UUID
    code: str = Field(description="The code that people use.", examples=["D-31"])
    number: int
    is_danger: bool
    source: Source
    known_how: Literal["", "seen", "heard"] = Field(description="For a witness or a tip; blank: for the victim.")
    ubigeo: str = Field(description="INEI's code of the place; blank: not known.")
    sent_at: datetime
    receive_by: datetime
    received_at: datetime | None
    decide_by: datetime
    decided_at: datetime | None
    waits_for_the_line: bool = Field(description="A question back has no answer yet.")


class ReportPage(Schema):
    reports: list[ReportLine] = Field(description="The newest first.")
    before: int | None = Field(description="Ask for those before this number; null: there are no more.")


class ReportStep(Schema):
    id: UUID
    kind: ReportEventKind
    decision: Decision | None
    words: str | None
    may_tell: str | None = Field(description="What the person may be told of it; null: nothing.")
    at: datetime
    by: str = Field(description="The institution that wrote it.")


class ReportDetail(ReportLine):
    """A report with its steps."""

    facts: str
    traces: str | None = Field(description="Telephones, plates, nicknames, with commas; null: not known.")
    details: dict[Data, str] = Field(description=DETAILS)
    because: str = Field(description="The legal basis of the disclosure.")
    policy: str
    until: datetime = Field(description="Until when it can be read here, unless the person withdraws consent earlier.")
    steps: list[ReportStep]


class StepAdded(Schema):
    """The step that was added, without its words: those are read with the report."""

    id: UUID
    kind: ReportEventKind
    decision: Decision | None
    at: datetime


class FolioIn(Schema):
    folio: Text


class WordsIn(Schema):
    words: Text


class OutcomeIn(Schema):
    words: Text
    may_tell: Text = Field("", description="What the person may be told, in words for them. Nothing else is told.")


class DecisionIn(Schema):
    decision: Decision
    words: Text = ""
    may_tell: Text = Field("", description="What the person may be told, in words for them. Nothing else is told.")


type ServiceAnswer = Literal["accepted", "declined", "arrived", "served"]  # what a service itself may report


class ReferralLine(Schema):
    """A referral in a list."""

    id: UUID
    code: str = Field(description="The code that people use.", examples=["R-31"])
    number: int
    service: UUID = Field(description="Which service is asked: its id in the directory, and in HSDS.")
    is_danger: bool
    state: State
    sent_at: datetime
    answer_by: datetime


class ReferralPage(Schema):
    referrals: list[ReferralLine] = Field(description="The newest first.")
    before: int | None = Field(description="Ask for those before this number; null: there are no more.")


class ReferralEventLine(Schema):
    kind: ServiceAnswer
    at: datetime


class ReferralDetail(ReferralLine):
    """A referral: what the person agreed to disclose to the service, and what the service may answer now."""

    facts: str = Field(description="Blank: you declined the person, and can read no more.")
    details: dict[Data, str] = Field(description=DETAILS)
    events: list[ReferralEventLine]
    next: list[ServiceAnswer] = Field(description="The answers that are possible now.")


class AnswerIn(Schema):
    kind: ServiceAnswer
    why_not: str | None = Field(None, max_length=20, description=f"Only with declined. {REASONS}")
    words: Text = ""


class AnswerAdded(Schema):
    """The service's answer as it was stored, without its words."""

    id: UUID
    kind: ServiceAnswer
    why_not: str | None = Field(description=REASONS)
    at: datetime

from .case import Case, CaseContact, CaseEntry, CaseQuerySet, CaseRecordKey, Member, Task, code_names
from .documents import Document
from .events import Event
from .hand_overs import HandOver

__all__ = [
    "Case",
    "CaseContact",
    "CaseEntry",
    "CaseQuerySet",
    "CaseRecordKey",
    "Document",
    "Event",
    "HandOver",
    "Member",
    "Task",
    "code_names",
]

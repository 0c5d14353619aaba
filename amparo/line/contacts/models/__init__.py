from .cited_article import CitedArticle
from .code_word import CodeWord
from .codes import code_of
from .contact import Contact, SafeContact
from .data_requests import DataSubjectRequest
from .debrief import Debrief
from .draft import Draft
from .return_codes import ReturnCode, ReturnCodeMessage

__all__ = [
    "CitedArticle",
    "CodeWord",
    "Contact",
    "DataSubjectRequest",
    "Debrief",
    "Draft",
    "ReturnCode",
    "ReturnCodeMessage",
    "SafeContact",
    "code_of",
]

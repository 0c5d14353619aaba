from .indicator import Indicator, Measurement
from .law import Law
from .plan import Node, Plan
from .publication import Publication
from .records import Comment, Correction, DataCall, Version, YearReview

__all__ = [
    "Comment",
    "Correction",
    "DataCall",
    "Indicator",
    "Law",
    "Measurement",
    "Node",
    "Plan",
    "Publication",
    "Version",
    "YearReview",
]

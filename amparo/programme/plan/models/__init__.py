from .indicator import Indicator, Measurement
from .law import Law
from .plan import Node, Plan
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
    "Version",
    "YearReview",
]

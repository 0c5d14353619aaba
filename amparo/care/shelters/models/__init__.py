from .houses import Bed, House, HouseAddress, Occupancy, UnmetNeed
from .placements import Approval, Placement, RiskBriefingShare, Stay

__all__ = [
    "Approval",
    "Bed",
    "House",
    "HouseAddress",
    "Occupancy",
    "Placement",
    "RiskBriefingShare",
    "Stay",
    "UnmetNeed",
]

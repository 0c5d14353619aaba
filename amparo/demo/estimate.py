"""An estimate of hidden people, computed beforehand: computing one needs the extra `estimation`.

The data are real and public: United Kingdom, 2013 (compute_estimate.py).
"""

import json
from datetime import datetime
from pathlib import Path

from amparo.figures.estimation.models import Estimate
from amparo.foundation.access.models import User
from amparo.foundation.core.actor import acting_as

COMPUTED = Path(__file__).with_name("estimate.json")


def invent_estimate(paula: User, now: datetime) -> None:
    """Store the estimate for the publisher Paula, as the worker would."""
    with acting_as(paula.acting()):
        Estimate.objects.create(
            title="Reino Unido, 2013 (datos públicos)", made_at=now, made_by=paula, **json.loads(COMPUTED.read_text())
        )

from django.utils.translation import gettext_lazy as _

from amparo.foundation.core.picklists import Picklist


class Reason(Picklist):
    """Why a conversation is reviewed."""

    RANDOM = "random", _("drawn at random")
    REQUESTED = "requested", _("the person who answered asked for it")
    DANGER = "danger", _("danger was declared")


class Mark(Picklist):
    NO = "0", _("no")
    PARTLY = "1", _("partly")
    MOSTLY = "2", _("mostly")
    YES = "3", _("yes")
    NOT_APPLICABLE = "", _("does not apply")


STEPS = (Mark.NO, Mark.PARTLY, Mark.MOSTLY, Mark.YES)  # in their order

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amparo.foundation.core.picklists import Picklist


class State(Picklist):
    DRAFT = "draft", _("draft")
    PUBLISHED = "published", pgettext_lazy("a text", "published")
    RETIRED = "retired", _("retired")


class Language(Picklist):
    SPANISH = "es", _("Spanish")
    ENGLISH = "en", _("English")
    QUECHUA = "qu", _("Quechua")

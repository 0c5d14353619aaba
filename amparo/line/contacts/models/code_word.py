from django.db import models

from amparo.foundation.core import row_security

LONGEST_CODE = 20


class CodeWord(models.Model):
    """A word that a campaign prints or says. People who repeat it show which message they heard.

    A contact stores only a word of this list, so that nobody writes something about a person there. No word is
    deleted: somebody may repeat one long after its campaign.
    """

    word = models.CharField(max_length=LONGEST_CODE, primary_key=True)  # in capitals

    protected = row_security.WrittenBy("stands on posters", "hotline/campaign_officer", web="select, insert")

    def __str__(self) -> str:
        return self.word

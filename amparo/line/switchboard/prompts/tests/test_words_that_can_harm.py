"""What prompts may say before it is known who listens."""

import re

import pytest

from amparo.line.switchboard.prompts.manifest import Manifest

PROMPTS = Manifest().prompts
SPOKEN = [key for key, prompt in PROMPTS.items() if prompt.language != "any"]
TRAFFICKING = re.compile(r"trata|traffic|explot|exploit|rantiy|qatuy|runakuna", re.IGNORECASE)
SECRECY = re.compile(r"confiden|nadie sabrá|solo escucha|only the people|pakalla|pakasqa|llamkaqllam", re.IGNORECASE)


@pytest.mark.parametrize(("id", "language"), SPOKEN, ids="-".join)
def test_no_prompt_names_trafficking_or_promises_secrecy(id, language):
    text = PROMPTS[id, language].recording.text
    assert not TRAFFICKING.search(text)
    assert not SECRECY.search(text)


def test_control_these_words_are_found():
    assert TRAFFICKING.search("Ha llamado a la línea contra la trata de personas.")
    assert SECRECY.search("Es gratuita y confidencial.")


def test_limits_are_not_read_in_a_quechua_that_nobody_approved():
    spanish = PROMPTS["message-limits", "es-PE"].recording
    assert "la ley lo exige" in spanish.text
    assert PROMPTS["message-limits", "quy"].recording.text == spanish.text

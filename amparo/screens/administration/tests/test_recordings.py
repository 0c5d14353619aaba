"""The page of what callers hear: listen, upload, and go back; what is no recording gets one sentence."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amparo.line.switchboard.media import g711
from amparo.line.switchboard.models import OwnRecording
from amparo.line.switchboard.prompts.manifest import Manifest

PAGE = "/installation/recordings"
WELCOME = f"{PAGE}/es-PE/welcome"
SOUND = b"\x10\x90" * 2000  # loud


@pytest.fixture
def administrator(stranger) -> Client:
    client = Client()
    client.force_login(stranger)
    return client


def upload(client: Client, wav: bytes, where: str = WELCOME):
    return client.post(f"{where}/record", {"sound": SimpleUploadedFile("a.wav", wav, "audio/wav")})


@pytest.mark.parametrize("language", ["es-PE", "quy", "en", "any"])
def test_each_prompt_stands_on_the_page_of_its_language(administrator, language):
    page = administrator.get(f"{PAGE}?spoken={language}").content.decode()
    ids = [id for id, spoken in Manifest().prompts if spoken == language]
    assert ids
    assert [id for id in ids if f'id="prompt-{id}"' not in page] == []


def test_what_was_uploaded_is_heard_and_ours_comes_back(administrator):
    ours = administrator.get(f"{WELCOME}/sound").content
    assert upload(administrator, g711.as_wav(SOUND)).status_code == 302
    heard = administrator.get(f"{WELCOME}/sound")
    assert g711.parse_wav(heard.content) == SOUND
    assert heard.headers["Content-Type"] == "audio/wav"
    assert "/shipped" in administrator.get(PAGE).content.decode()
    assert administrator.post(f"{WELCOME}/shipped").status_code == 302
    assert administrator.get(f"{WELCOME}/sound").content == ours
    assert administrator.post(f"{WELCOME}/again").status_code == 302
    assert administrator.get(f"{WELCOME}/sound").content == heard.content


def test_what_cannot_be_played_or_does_not_exist_is_said_in_a_sentence(administrator):
    for answer, sentence in (
        (upload(administrator, b"ID3"), "Elija un archivo WAV"),
        (administrator.post(f"{WELCOME}/record"), "Elija un archivo, o grabe uno"),
        (administrator.post(f"{WELCOME}/again"), "No hay una grabación anterior"),
        (administrator.get(f"{PAGE}/es-PE/nothing/sound"), "No existe esa grabación"),
        (upload(administrator, g711.as_wav(SOUND), f"{PAGE}/xx/welcome"), "No existe esa grabación"),
    ):
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert not OwnRecording.objects.exists()


def test_others_neither_listen_nor_record(marta):
    client = Client()
    client.force_login(marta)
    assert client.get(PAGE).status_code == 404
    assert upload(client, g711.as_wav(SOUND)).status_code == 404
    assert not OwnRecording.objects.exists()

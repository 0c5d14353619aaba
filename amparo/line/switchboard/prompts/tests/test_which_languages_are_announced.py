from amparo.line.switchboard.prompts.manifest import MANIFEST, Manifest


def test_quechua_is_not_announced_before_a_speaker_has_reviewed_it(library):
    assert library().announced_languages == ("es-PE", "en")


def test_one_prompt_awaiting_review_keeps_a_language_back(copy, library):
    manifest = copy / MANIFEST
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace("[digit-7.en]", '[digit-7.en]\nreview = "required"'), encoding="utf-8")
    assert library().announced_languages == ("es-PE",)


def test_a_language_with_a_lost_prompt_is_not_announced(copy, library):
    (copy / "en" / "digit-7.wav").unlink()
    assert library().announced_languages == ("es-PE",)


def test_quechua_is_announced_once_the_hotline_has_recorded_all_of_it(copy, library, record):
    *most, last = [id for id, language in Manifest(copy).prompts if language == "quy"]
    for id in most:
        record(id, "quy")
    assert "quy" not in library().announced_languages
    assert "quy" in library().languages_awaiting_review
    record(last, "quy")
    assert "quy" in library().announced_languages
    assert not library().languages_awaiting_review

from ..keys import KEYS


def test_key_caps():
    caps = {key.name: key.caps for key in KEYS}
    assert (caps["first"], caps["silent"], caps["end"], caps["search"]) == ("Alt A", "Alt 0", "Alt Z Z", "Ctrl K")


def test_no_key_does_two_things():
    assert len({key.code for key in KEYS}) == len({key.name for key in KEYS}) == len(KEYS)


def test_the_list_behind_the_question_mark_is_complete(console):
    page = console.get("/console").content.decode()
    for key in KEYS:
        assert f'<tr data-name="{key.name}" data-code="{key.code}"' in page
        assert f"<kbd>{key.caps}</kbd>" in page


def test_no_inline_script_or_style(console):
    page = console.get("/console").content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert page.count("<script") == page.count('<script type="module" src=')

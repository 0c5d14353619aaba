"""No recorded words that no caller ever hears: code of the switchboard names each prompt."""

from pathlib import Path

from amparo.line.switchboard import prompts
from amparo.line.switchboard.prompts.manifest import Manifest

SWITCHBOARD = Path(prompts.__file__).parents[1]


def unplayed(ids):
    code = "\n".join(file.read_text(encoding="utf-8") for file in SWITCHBOARD.glob("*.py"))
    digits = {f"digit-{digit}" for digit in range(10)} if 'f"digit-{' in code else set()
    return [id for id in ids if f'"{id}"' not in code and id not in digits]


def test_each_prompt_is_named_by_code_that_plays_it():
    assert unplayed(Manifest().ids) == []


def test_control_words_that_nothing_plays_are_found():
    assert unplayed([*Manifest().ids, "digit-10", "advert"]) == ["digit-10", "advert"]

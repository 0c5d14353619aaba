"""On a phone each row of `table.list` is a block without the heads of its columns: its numbers must name themselves."""

import re
from pathlib import Path

LISTS = re.compile(r'<table class="[^"]*\blist\b[^"]*".*?</table>', re.DOTALL)
TABLES = re.compile(r"<table.*?</table>", re.DOTALL)
NUMBERS = re.compile(r'<td[^>]*class="n(?:"| )[^>]*>')


def nameless_numbers(template: str) -> list[str]:
    """The tables that show two numbers or more without `data-label`; a single one is read with its row's head."""
    return [
        table for table in LISTS.findall(template)
        if sum("data-label" not in cell for cell in NUMBERS.findall(table)) > 1
    ]  # fmt: skip


def test_numbers_of_a_list_name_their_column_on_a_phone():
    templates = list(Path("amparo").glob("**/templates/**/*.html"))
    assert len(templates) > 100
    assert [str(path) for path in templates if nameless_numbers(path.read_text())] == []


def test_the_control_two_numbers_without_a_label_are_found():
    row = '<table class="list"><tr><td class="n">{{ a }}</td><td class="n"%s>{{ b }}</td></tr></table>'
    assert nameless_numbers(row % "")
    assert not nameless_numbers(row % " data-label=\"{% translate 'Nights' %}\"")


def test_a_button_in_a_row_of_the_programme_is_not_cut_on_a_phone():
    """Beside four columns it stood outside 320 pixels; in a list it stands below them."""
    templates = list(Path("amparo/programme").glob("**/templates/**/*.html"))
    with_buttons = [it for path in templates for it in TABLES.findall(path.read_text()) if "<button" in it]
    assert with_buttons
    assert [it for it in with_buttons if not LISTS.match(it)] == []

"""A spreadsheet that is made to hold the web process is refused in a sentence, and costs it neither memory nor time."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from amparo.foundation.access.models import Agency, Role, User
from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import import_rules, rules, spreadsheet
from amparo.programme.plan.models import Node
from amparo.programme.plan.tests.test_spreadsheet import book, plan  # noqa: F401

FONT = b"<font><b/></font>"
MEGABYTE = 1_000_000
KIND_OF_TEXTS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/></Types>'
)


def with_part(name: str, content: bytes) -> bytes:
    """An ordinary workbook with one part replaced or added."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(book())) as packed, ZipFile(made, "w", ZIP_DEFLATED, compresslevel=9) as copy:
        for other in packed.namelist():
            if other != name:
                copy.writestr(other, packed.read(other))
        copy.writestr(name, content)
    return made.getvalue()


def styles(fonts: int) -> bytes:
    """A workbook that is ordinary but for its many fonts."""
    with ZipFile(io.BytesIO(book())) as packed:
        ordinary = packed.read("xl/styles.xml")
    before, mark, after = ordinary.partition(b"</fonts>")
    assert mark
    return with_part("xl/styles.xml", before + FONT * fonts + mark + after)


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Measure what this process uses: seconds of processor, and bytes of memory at most beyond those at the start."""
    Path("/proc/self/clear_refs").write_text("5")  # from now on, the most memory counts anew
    used: dict[str, float] = {}
    memory, seconds = _most_memory(), time.process_time()
    yield used
    used |= {"seconds": time.process_time() - seconds, "memory": _most_memory() - memory}


def _most_memory() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_two_million_fonts_are_refused_and_cost_the_web_process_nothing(plan, pilar, at):  # noqa: F811
    made, bomb = plan(), styles(2_000_000)
    assert len(bomb) < 200_000
    client, sent = at(pilar), {"file": SimpleUploadedFile("plan.xlsx", bomb)}
    small = {"file": SimpleUploadedFile("plan.xlsx", b"no spreadsheet")}
    assert client.post(f"/plans/{made.pk}/import?language=en", small).status_code == 422  # all modules are loaded now
    with measured() as used:
        answer = client.post(f"/plans/{made.pk}/import?language=en", sent)
    assert (answer.status_code, "The spreadsheet is too large." in answer.content.decode()) == (422, True)
    assert used["seconds"] < 5
    assert used["memory"] < 30 * MEGABYTE


def test_fonts_that_a_part_may_hold_cost_the_web_process_nothing(pilar):
    """They take a slow machine beyond the limit of seconds, and a fast one not. Either way it is another process."""
    bomb = styles(280_000)  # 4.8 MB
    with measured() as used, acting_as(pilar.acting()), suppress(Refused):
        spreadsheet.read_spreadsheet(bomb)
    assert used["seconds"] < 2
    assert used["memory"] < 30 * MEGABYTE


def test_the_control_some_thousand_fonts_are_read(pilar):
    with acting_as(pilar.acting()):
        assert [row["number"] for row in spreadsheet.read_spreadsheet(styles(3000)).nodes] == ["1", "1.1"]


@pytest.mark.parametrize("name", ["xl/theme/theme1.xml", "docProps/custom.xml", "xl/media/image1.png"])
def test_every_part_but_sheets_and_texts_has_five_megabytes_at_most(name, pilar):
    with pytest.raises(Refused, match="too large"):
        spreadsheet.read_spreadsheet(with_part(name, b" " * 5_000_001))
    with acting_as(pilar.acting()):
        assert spreadsheet.read_spreadsheet(with_part("docProps/note.xml", b" " * 5_000_000)).nodes


def test_parts_that_are_small_alone_but_large_together_are_refused():
    many = io.BytesIO(book())
    with ZipFile(many, "a", ZIP_DEFLATED) as packed:
        for number in range(11):
            packed.writestr(f"xl/media/{number}.png", b" " * 4_900_000)
    with pytest.raises(Refused, match="too large"):
        spreadsheet.read_spreadsheet(many.getvalue())


def test_one_long_text_in_many_cells_is_refused():
    """The file holds the text once; as cells it would be 3 GB."""
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
    cells = b"".join(b'<c r="%c%d" t="s"><v>0</v></c>' % (65 + place, 2) for place in range(20))
    rows = b"".join(b'<row r="%d">%s</row>' % (n, cells.replace(b'2" t', b'%d" t' % n)) for n in range(1, 5001))
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData>'
        b"</worksheet>"
    )
    made = io.BytesIO()
    with ZipFile(io.BytesIO(book())) as packed, ZipFile(made, "w", ZIP_DEFLATED) as copy:
        for name in packed.namelist():
            content = packed.read(name).replace(b"</Types>", KIND_OF_TEXTS)
            copy.writestr(name, sheet % rows if name.endswith("sheet1.xml") else content)
        copy.writestr("xl/sharedStrings.xml", shared % (b"<si><t>%s</t></si>" % (b"x" * 30_000)))
    with measured() as used, pytest.raises(Refused, match="too large"):
        spreadsheet.read_spreadsheet(made.getvalue())
    assert used["memory"] < 30 * MEGABYTE


def test_who_may_not_import_a_plan_has_no_file_read(plan, pilar, at):  # noqa: F811
    """What is no spreadsheet gets the same answer as one: so nobody has looked at it."""
    rosa = User.objects.create(username="rosa", role=Role.PLAN_RESPONDENT, agency=Agency.objects.first())
    made = plan()
    answers = [
        at(rosa).post(f"/plans/{made.pk}/import?language=en", {"file": SimpleUploadedFile("plan.xlsx", content)})
        for content in (b"no spreadsheet", book())
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("not for your role" in answer.content.decode() for answer in answers)
    assert all("no spreadsheet (.xlsx)" not in answer.content.decode() for answer in answers)
    control = at(pilar).post(
        f"/plans/{made.pk}/import?language=en", {"file": SimpleUploadedFile("plan.xlsx", b"no spreadsheet")}
    )
    assert "no spreadsheet (.xlsx)" in control.content.decode()


@pytest.mark.parametrize("state", ["with lines", "under review"])
def test_a_plan_that_takes_no_import_has_no_file_read(state, plan, pilar, at):  # noqa: F811
    made = plan()
    with acting_as(pilar.acting()):
        lines = spreadsheet.read_spreadsheet(book())
    import_rules.import_plan(made, lines, by=pilar)
    if state == "under review":
        rules.send_to_review(made, by=pilar, today=made.starts_on)
    sent = {"file": SimpleUploadedFile("plan.xlsx", b"no spreadsheet")}
    answer = at(pilar).post(f"/plans/{made.pk}/import?language=en", sent)
    page = answer.content.decode()
    sentence = "This plan has lines already." if state == "with lines" else "Only a draft is changed."
    assert (answer.status_code, sentence in page, "no spreadsheet (.xlsx)" in page) == (422, True, False)
    with acting_as(pilar.acting()):
        assert Node.objects.count() == 2

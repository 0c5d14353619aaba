"""A plan as a spreadsheet: it comes back equal, also through LibreOffice; a wrong row is named, and nothing is kept."""

import io
import shutil
import subprocess
from collections.abc import Callable, Iterable
from csv import writer
from datetime import date
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from amparo.foundation.core.actor import acting_as
from amparo.foundation.core.refusal import Refused
from amparo.programme.plan import csv_files, import_rules, rules, spreadsheet
from amparo.programme.plan.columns import INDICATORS, NODES
from amparo.programme.plan.models import Indicator, Node, Plan

START, END = date(2026, 1, 1), date(2030, 12, 31)
LINES = [
    ("Kind", "Number", "Below", "Text"), ("Axis", "1", "", "Prevención"), ("Objetivo", "1.1", "1", "=1+1 es texto"),
]  # fmt: skip
MEASURE = ("1.1", "a", "Adultos que llamarían", "%", 1, START, 20, "31/12/2030", "Encuesta", "anual",
           "Ministerio inventado", "Línea; ONG", "Tesoro", 12500.5, "PEN")  # fmt: skip
HEADS = tuple(column.name for column in INDICATORS)


@pytest.fixture
def plan(pilar):
    def plan(title="Plan inventado") -> Plan:
        return rules.add_plan(title=title, starts_on=START, ends_on=END, by=pilar)

    return plan


def book(lines=LINES, measures=((MEASURE),), heads=HEADS) -> bytes:
    made = Workbook()
    for row in lines:
        made.active.append(row)
    for row in made.active.iter_rows(min_row=2):
        for cell in row:
            cell.data_type = "s"
    sheet = made.create_sheet("Indicators")
    for row in (heads, *measures):
        sheet.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def changed(file: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The same file with its first sheet, as XML, changed."""
    made = io.BytesIO()
    with ZipFile(io.BytesIO(file)) as packed, ZipFile(made, "w") as copy:
        for name in packed.namelist():
            part = packed.read(name)
            if name.endswith("sheet1.xml"):
                assert change(part) != part
                part = change(part)
            copy.writestr(name, part)
    return made.getvalue()


def content(plan: Plan) -> tuple[list, list]:
    nodes = plan.nodes.order_by("pk").values_list("kind", "number", "parent__number", "text")
    columns = ("node__number", *(name for name in HEADS if name != "node"))
    indicators = Indicator.objects.filter(node__plan=plan).order_by("pk").values_list(*columns)
    return list(nodes), list(indicators)


@pytest.fixture
def first(plan, pilar) -> Plan:
    made = plan()
    with acting_as(pilar.acting()):
        lines = spreadsheet.read_spreadsheet(book())
    return import_rules.import_plan(made, lines, by=pilar)


def test_what_is_exported_imports_again_equal(first, plan, pilar):
    with acting_as(pilar.acting()):
        lines = spreadsheet.read_spreadsheet(spreadsheet.plan_as_xlsx(first))
    second = import_rules.import_plan(plan("Segundo"), lines, by=pilar)
    with acting_as(pilar.acting()):
        assert content(second) == content(first)
        assert content(first)[1][0][4:9] == (1.0, START, 20.0, END, "Encuesta")


def test_a_file_that_libreoffice_saved_imports_equal(first, plan, pilar, tmp_path):
    if not (office := shutil.which("soffice")):
        pytest.fail("LibreOffice is missing: deploy/test-tools installs it")
    (tmp_path / "plan.xlsx").write_bytes(_exported(first, pilar))
    command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
               "--outdir", str(tmp_path / "saved"), str(tmp_path / "plan.xlsx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    with acting_as(pilar.acting()):
        lines = spreadsheet.read_spreadsheet((tmp_path / "saved/plan.xlsx").read_bytes())
    second = import_rules.import_plan(plan("Segundo"), lines, by=pilar)
    with acting_as(pilar.acting()):
        assert content(second) == content(first)


def _exported(plan: Plan, by) -> bytes:
    with acting_as(by.acting()):
        return spreadsheet.plan_as_xlsx(plan)


def test_a_text_that_looks_like_a_formula_stays_a_text(first, pilar):
    cell = load_workbook(io.BytesIO(_exported(first, pilar))).worksheets[0]["D3"]
    assert (cell.value, cell.data_type) == ("=1+1 es texto", "s")


WRONG = [
    ({"lines": [LINES[0], ("Moon", "1", "", "x")]}, "Sheet Sheet, row 2, column Kind: Choose one of the list"),
    ({"lines": [LINES[0], ("Axis", "1", "", "")]}, "row 2, column Text: It is empty."),
    ({"lines": [*LINES, ("Axis", "1", "", "x")]}, "row 4, column Number: The number 1 stands in this plan already."),
    ({"lines": [*LINES, ("Goal", "2", "9", "x")]}, "row 4, column Below: No line 9 stands above this one."),
    ({"measures": [("7", *MEASURE[1:])]}, "Sheet Indicators, row 2, column Line: The plan has no line 7."),
    ({"measures": [(*MEASURE[:6], "many", *MEASURE[7:])]}, "row 2, column Target: It is no number."),
    ({"measures": [(*MEASURE[:5], "soon", *MEASURE[6:])]}, "column Day of the baseline: Write a day"),
    ({"measures": [(*MEASURE[:5], date(1000, 1, 1), *MEASURE[6:])]}, "column Day of the baseline: Write a day"),
    ({"measures": [(*MEASURE[:7], START, *MEASURE[8:])]}, "column Due on: The target is due after"),
    ({"measures": [(*MEASURE[:10], "Nobody", *MEASURE[11:])]}, "No institution is called “Nobody”."),
    ({"measures": [MEASURE, MEASURE]}, "row 3, column Number: The number a stands in this plan already."),
]


@pytest.mark.parametrize(("parts", "sentence"), WRONG, ids=range(len(WRONG)))
def test_a_wrong_cell_is_named_and_nothing_is_imported(plan, pilar, parts, sentence, at):
    made = plan()
    with pytest.raises(spreadsheet.WrongSpreadsheet) as wrong, acting_as(pilar.acting()):
        spreadsheet.read_spreadsheet(book(**parts))
    assert sentence in str(wrong.value)
    sent = {"file": SimpleUploadedFile("plan.xlsx", book(**parts))}
    answer = at(pilar).post(f"/plans/{made.pk}/import?language=en", sent)
    assert answer.status_code == 422
    assert "Nothing was imported." in answer.content.decode()
    with acting_as(pilar.acting()):
        assert not Node.objects.exists()


def csv(cells: Iterable, delimiter: str = ",") -> bytes:
    """A CSV file as a spreadsheet saves it."""
    file = io.StringIO()
    writer(file, delimiter=delimiter).writerows([_written(cell) for cell in row] for row in cells)
    return file.getvalue().encode("utf-8-sig")


def _written(cell: object) -> object:
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else cell


@pytest.mark.parametrize(("parts", "sentence"), WRONG, ids=range(len(WRONG)))
def test_csv_files_have_the_same_refusals(plan, pilar, parts, sentence, at):
    made = plan()
    sent = {
        "file": SimpleUploadedFile("lines.csv", csv(parts.get("lines", LINES))),
        "indicators": SimpleUploadedFile("indicators.csv", csv([HEADS, *parts.get("measures", (MEASURE,))])),
    }
    answer = at(pilar).post(f"/plans/{made.pk}/import?language=en", sent)
    assert answer.status_code == 422
    row, reason = sentence.rpartition("row ")[2].partition(",")[0], sentence.rpartition(": ")[2]
    page = answer.content.decode()
    assert reason in page
    assert not row.isdigit() or f"<td>{row}</td>" in page
    with acting_as(pilar.acting()):
        assert not Node.objects.exists()


SWAPPED = {
    "lines": [(text, number, kind, parent) for kind, number, parent, text in LINES],
    "heads": (*HEADS[:4], "Target", *HEADS[5:6], "LÍNEA DE  BASE ", *HEADS[7:]),
    "measures": [(*MEASURE[:4], MEASURE[6], MEASURE[5], MEASURE[4], *MEASURE[7:])],
}


@pytest.mark.parametrize("read", [
    lambda parts: spreadsheet.read_spreadsheet(book(**parts)),
    lambda parts: csv_files.read_csv_files(csv(parts["lines"]), csv([parts["heads"], *parts["measures"]])),
], ids=["xlsx", "csv"])  # fmt: skip
def test_columns_are_found_by_their_heads_in_any_order_and_language(first, plan, pilar, read):
    with acting_as(pilar.acting()):
        lines = read(SWAPPED)
    second = import_rules.import_plan(plan("Segundo"), lines, by=pilar)
    with acting_as(pilar.acting()):
        assert content(second) == content(first)


def test_no_two_columns_of_a_sheet_share_a_head():
    for columns in (NODES, INDICATORS):
        heads = [head for column in columns for head in column.accepted_heads]
        assert len(heads) == len(set(heads)) > len(columns)


WRONG_HEADS = [
    (
        {"lines": [("Kind", "Number", "Below", "Words"), *LINES[1:]]},
        "Sheet Sheet, row 1, column Words: No column is called this.",
    ),
    ({"lines": [("Kind", "Number", "Below", "Número"), *LINES[1:]]}, "row 1, column Número: This column stands twice."),
    ({"lines": [row[:3] for row in LINES]}, "row 1, column Text: This column is missing."),
    ({"lines": [()]}, "row 1, column Kind: This column is missing."),
    ({"lines": LINES[1:]}, "row 1, column Axis: No column is called this."),
    ({"lines": [LINES[0], (*LINES[1], "", "lost")]}, "row 2, column F: It has no head in the first row."),
    ({"heads": HEADS[:6]}, "Sheet Indicators, row 1, column Target: This column is missing."),
    ({"heads": (*HEADS[:13], "Figure")}, "Sheet Indicators, row 1, column Figure: No column is called this."),
]


@pytest.mark.parametrize(("parts", "sentence"), WRONG_HEADS, ids=range(len(WRONG_HEADS)))
def test_a_wrong_head_is_named_and_nothing_is_imported(plan, pilar, parts, sentence, at):
    made = plan()
    with pytest.raises(spreadsheet.WrongSpreadsheet, match=sentence), acting_as(pilar.acting()):
        spreadsheet.read_spreadsheet(book(**parts))
    answer = at(pilar).post(
        f"/plans/{made.pk}/import?language=en", {"file": SimpleUploadedFile("plan.xlsx", book(**parts))}
    )
    assert (answer.status_code, "Nothing was imported." in answer.content.decode()) == (422, True)
    with acting_as(pilar.acting()):
        assert not Node.objects.exists()


MANY = [("Activity", f"2.{number}", "", "x") for number in range(spreadsheet.MOST_ROWS - len(LINES) + 1)]


@pytest.mark.parametrize("gap", [[], [()] * 9], ids=["together", "after empty rows"])
def test_too_many_rows_are_refused_in_one_sentence(plan, pilar, gap, at):
    with acting_as(pilar.acting()):
        most = spreadsheet.read_spreadsheet(book([*LINES, *gap, *MANY]))
        assert len(most.nodes) == spreadsheet.MOST_ROWS
        lines = [*LINES, *MANY, *gap, ("Axis", "3", "", "y")]
        with pytest.raises(Refused, match="Sheet Sheet has more than 5000 rows"):
            spreadsheet.read_spreadsheet(book(lines))
        with pytest.raises(Refused, match="Sheet Plan has more than 5000 rows"):
            csv_files.read_csv_files(csv(lines), csv([HEADS, MEASURE]))
    sent = {"file": SimpleUploadedFile("plan.xlsx", book(lines))}
    answer = at(pilar).post(f"/plans/{plan().pk}/import?language=en", sent)
    assert (answer.status_code, "more than 5000 rows" in answer.content.decode()) == (422, True)
    with acting_as(pilar.acting()):
        assert not Node.objects.exists()


def test_rows_outside_the_size_that_a_file_names_are_read(pilar):
    """Some programs write a wrong size into the sheet."""
    with acting_as(pilar.acting()):
        wrong = changed(book(), lambda sheet: sheet.replace(b'ref="A1:D3"', b'ref="A1:D2"'))
        lines = spreadsheet.read_spreadsheet(wrong)
    assert [row["number"] for row in lines.nodes] == ["1", "1.1"]


@pytest.mark.parametrize("far", [b'<row r="9999999"', b'<row r="2147483648"'])
def test_a_row_that_no_sheet_can_have_is_refused(far):
    with pytest.raises(Refused, match="more than 5000 rows"):
        spreadsheet.read_spreadsheet(changed(book(), lambda sheet: sheet.replace(b'<row r="3"', far)))


def test_a_sheet_that_is_far_too_wide_is_refused():
    with pytest.raises(Refused, match="or 100 columns"):
        spreadsheet.read_spreadsheet(book([LINES[0], [*[""] * 100, "x"]]))


def test_the_name_of_a_co_responsible_body_is_not_cut(pilar):
    long = (*MEASURE[:11], "x" * 121, *MEASURE[12:])
    with pytest.raises(spreadsheet.WrongSpreadsheet, match="too long: at most 120"), acting_as(pilar.acting()):
        spreadsheet.read_spreadsheet(book(measures=[long]))


def test_exported_csv_files_import_again_equal(first, plan, pilar, at):
    rules.add_node(first, kind="goal", number="2", text="'-x con apóstrofo", by=pilar)
    files = [at(pilar).get(f"/plans/{first.pk}/{sheet}.csv").content for sheet in ("lines", "indicators")]
    assert b"'=1+1 es texto" in files[0]
    with acting_as(pilar.acting()):
        lines = csv_files.read_csv_files(*files)
    second = import_rules.import_plan(plan("Segundo"), lines, by=pilar)
    with acting_as(pilar.acting()):
        assert content(second) == content(first)
    assert at(pilar).get(f"/plans/{first.pk}/nothing.csv").status_code == 404


def test_csv_files_with_semicolons_and_decimal_commas_are_read(plan, pilar, at):
    made, measure = plan(), (*MEASURE[:4], "1,5", *MEASURE[5:], "contactos")
    sent = {
        "file": SimpleUploadedFile("lines.CSV", csv(LINES, ";")),
        "indicators": SimpleUploadedFile("indicators.csv", csv([HEADS, measure], ";")),
    }
    answer = at(pilar).post(f"/plans/{made.pk}/import", sent)
    assert answer.status_code == 302
    with acting_as(pilar.acting()):
        found = Indicator.objects.get()
    assert (found.baseline, found.co_responsible, found.measure) == (
        1.5, ["Línea", "ONG"], "contacts_by_department/total"
    )  # fmt: skip


@pytest.mark.parametrize("damaged", ["Año".encode("cp1252"), b"PK\x03\x04\xff", b"a\0b", b'"a', b'"a"b,c'])
def test_what_is_no_csv_file_is_refused(damaged):
    with pytest.raises(Refused, match="no CSV file"):
        csv_files.read_csv_files(csv(LINES), damaged)


def test_one_csv_file_is_not_enough(plan, pilar, at):
    sent = {"file": SimpleUploadedFile("lines.csv", csv(LINES))}
    answer = at(pilar).post(f"/plans/{plan().pk}/import?language=en", sent)
    assert (answer.status_code, "Choose both CSV files" in answer.content.decode()) == (422, True)


def test_every_fault_is_named_at_once(pilar):
    wrong = [(*MEASURE[:1], str(number), *MEASURE[2:6], "many", *MEASURE[7:]) for number in range(60)]
    with pytest.raises(spreadsheet.WrongSpreadsheet) as refusal, acting_as(pilar.acting()):
        spreadsheet.read_spreadsheet(book(measures=wrong))
    assert [fault.row for fault in refusal.value.faults] == list(range(2, 52))


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_spreadsheet_is_refused(content):
    with pytest.raises(Refused, match="no spreadsheet"):
        spreadsheet.read_spreadsheet(content)


DAMAGES = {
    "cut": lambda sheet: sheet[:-40],
    "a cell without a place": lambda sheet: sheet.replace(b'r="A2"', b'r="!!"'),
    "a row without a number": lambda sheet: sheet.replace(b'<row r="2"', b'<row r="x"'),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_spreadsheet_with_a_damaged_sheet_is_refused(damage):
    with pytest.raises(Refused, match="no spreadsheet"):
        spreadsheet.read_spreadsheet(changed(book(), damage))


def test_an_import_fills_an_empty_draft_alone(first, pilar, ana):
    with acting_as(pilar.acting()):
        lines = spreadsheet.read_spreadsheet(book())
    with pytest.raises(Refused, match="has lines already"):
        import_rules.import_plan(first, lines, by=pilar)
    with pytest.raises(Refused, match="not for your role"):
        import_rules.import_plan(first, lines, by=ana)


def test_the_pages_take_and_give_it(plan, pilar, at):
    made = plan()
    empty = at(pilar).get(f"/plans/{made.pk}/spreadsheet")
    assert load_workbook(io.BytesIO(empty.content)).worksheets[0]["A1"].value
    sent = {"file": SimpleUploadedFile("plan.xlsx", book())}
    assert at(pilar).post(f"/plans/{made.pk}/import", sent).status_code == 302
    assert "Prevención" in at(pilar).get(f"/plans/{made.pk}").content.decode()
    assert at(pilar).post(f"/plans/{made.pk}/import").status_code == 422

"""Broken files are refused in a sentence, and nothing in them is lost or attributed to somebody else."""

import csv
import io
import json
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.care.cases.models import Case
from amparo.care.exchange.htcds_export import csv_file, json_file
from amparo.care.exchange.htcds_import import read_file
from amparo.foundation.core.refusal import Refused

from .test_cases_out_and_in import A_CASE, file_of, take_in

WRONG = [
    ({"Case": {"cas_Status": "Activ"}}, ["cas_Status", "«Activ»", "«»", "Active"]),
    ({"Person": [{"prs_Gender": "feminine"}]}, ["prs_Gender", "Feminine"]),
    ({"Person": [{"prs_Gendr": "Feminine"}]}, ["prs_Gendr", "prs_Gender"]),
    ({"Persons": []}, ["Persons", "Person"]),
    ({"Person": [{"prs_Citizenship": ["Peru"]}]}, ["prs_Citizenship", "ISO 3166"]),
    ({"Person": [{"prs_PrimaryLanguage": "qu"}]}, ["prs_PrimaryLanguage", "ISO 639"]),
    ({"Person": [{"prs_MobilePhone": "12-34"}]}, ["prs_MobilePhone", "+51"]),
    ({"Person": [{"prs_Birthdate": "4/3/1999"}]}, ["prs_Birthdate", "2026-11-25"]),
    ({"Person": [{"VictimContext": {"vic_AgeWhenTrafficked": "young"}}]}, ["vic_AgeWhenTrafficked", "number"]),
    ({"Person": {"prs_Gender": "Feminine"}}, ["Person", "wrong place"]),
    ({"Case": {"cas_Status": ["Active"]}}, ["cas_Status", "text"]),
    ({"Consent": {"con_Consent": "perhaps"}}, ["con_Consent", "true or false"]),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "named"), WRONG)
def test_one_unknown_value_refuses_the_file_and_says_the_nearest(marta, now, wrong, named):
    with pytest.raises(Refused) as refusal:
        take_in(file_of(A_CASE, wrong), marta, now)
    message = str(refusal.value)
    assert [word for word in named if word != "«»" and word not in message] == []
    assert message.startswith("Case 2.")
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "file",
    [b"", b"\xff\xfe", b"{", b"[1]", b"[" * 9999, b'{"standard": "HTCDS", "version": "1.0", "cases": []}', file_of(),
     file_of(7), file_of({"Person": [7]}), b"a,b\n1,2\nend\n", b"case,place,entity\n1\nend", b"x" * 5_000_001,
     b"case,place,entity\n1,Person.9/VictimContext.1,x\nend", file_of({"Person": [{"prs_FirstName": "\ud800"}]}),
     file_of({"CaseComment": [{"cco_CaseComment": "\ud800"}]}), file_of({"Person": [{"prs_Gender": "\ud800"}]}),
     file_of({"\ud800": []}), file_of({"Person": [{"prs_FirstName": "a\0b"}]}),
     file_of({"Person": [{"prs_NumberOfChildren": int("9" * 400)}]}), file_of({"Person": [{}] * 20_001})],
)  # fmt: skip
def test_what_is_no_such_file_is_told_in_a_sentence(marta, now, file):
    with pytest.raises(Refused):
        take_in(file, marta, now)
    assert not Case.objects.exists()


def test_a_csv_of_millions_of_rows_is_not_read_to_its_end():
    rows = "case,place,entity\n" + "\n" * 4_900_000 + "end\n"
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="20,000"):
            read_file(rows.encode())
        assert tracemalloc.get_traced_memory()[1] < 100_000_000  # bytes; of all rows: 350 million
    finally:
        tracemalloc.stop()


HEAD_OF_JSON = b'{"standard": "HTCDS", "version": "2.0", "cases": '


@pytest.mark.parametrize(
    "cases",
    [b"[" + b"{}," * 1_600_000 + b"{}]", b"[[" + b"[]," * 1_600_000 + b"[]]]", b'[{"x":' * 800_000],
    ids=["records", "lists", "in each other"],
)
def test_a_json_of_millions_of_records_is_not_parsed(cases):
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="20,000"):
            read_file(HEAD_OF_JSON + cases + b"}")
        assert tracemalloc.get_traced_memory()[1] < 30_000_000  # bytes; of all records: more than 100 million
    finally:
        tracemalloc.stop()


def test_control_as_many_records_as_may_be_kept_are_read():
    people = [{"VictimContext": {"vic_AgeWhenTrafficked": 9}}] * 3
    assert len(read_file(file_of(*[{"Person": people}] * 2_800))) == 2_800  # seven records and eight brackets each


def test_a_far_too_long_name_is_not_compared_with_those_that_are_valid():
    """Comparing one of megabytes takes seconds. The control: a short one is compared."""
    name = "vic_TraffickingStatusDecisionMakingOrg"
    for wrong, hint in ((f"{name}x", f"nearest one is {name}."), (name.ljust(101, "x"), None)):
        with pytest.raises(Refused, match="is no field of") as refusal:
            read_file(file_of({"Person": [{"VictimContext": {wrong: "x"}}]}))
        assert hint in str(refusal.value) if hint else "nearest" not in str(refusal.value)


FIRST_ROW, HER = b"case,place,entity,prs_Gender,vic_AgeWhenTrafficked\n", b"1,Person.1,Person,Feminine,\n"
IN_DISORDER = {
    "sorted by another column": HER.replace(b"Person.1", b"Person.2") + HER,
    "nobody's": HER + b"1,Person.0/VictimContext.1,VictimContext,,9\n",
    "one twice": HER + b"1,Person.1/VictimContext.1,VictimContext,,9\n" * 2,
    "more cells than columns": HER.replace(b"\n", b",lost\n"),
    "another entity": HER.replace(b"Person.1,Person", b"Person.1,Case"),
}


END = b"end\n"


@pytest.mark.parametrize("as_file", [json_file, csv_file])
def test_a_file_that_was_cut_off_anywhere_is_refused(as_file):
    """If the reader or the database of an export fails in the middle, the first part of a file remains."""
    content = b"".join(as_file([json.dumps({"CaseComment": [{"cco_CaseComment": "invented,\n «y»"}]})] * 3)).strip()
    assert len(read_file(content)) == 3
    for length in range(len(content)):
        with pytest.raises(Refused):
            read_file(content[:length])


def test_a_table_that_was_cut_off_is_told_so():
    with pytest.raises(Refused, match="cut off"):
        read_file(FIRST_ROW + HER)


def test_a_case_that_somebody_calls_end_is_no_end_of_a_table():
    rows = HER.replace(b"1,", b"end,", 1)
    assert len(read_file(FIRST_ROW + rows + b"end,,\n")) == 1  # the control: a spreadsheet pads the last row
    with pytest.raises(Refused, match="cut off"):
        read_file(FIRST_ROW + HER + rows)


@pytest.mark.parametrize("rows", IN_DISORDER.values(), ids=IN_DISORDER)
def test_rows_whose_place_is_not_sure_are_refused(rows):
    """Otherwise one person's data could become another's, or be lost silently."""
    with pytest.raises(Refused, match="Row"):
        read_file(FIRST_ROW + rows + END)
    assert read_file(FIRST_ROW + HER + END)  # the control


@pytest.mark.parametrize(
    "file",
    [file_of(A_CASE).replace(b'"cas_Status": "FollowUp"', b'"cas_Status": "Closed", "cas_Status": "FollowUp"'),
     FIRST_ROW.replace(b"vic_AgeWhenTrafficked", b"prs_Gender") + HER + END],
)  # fmt: skip
def test_what_stands_twice_is_refused(file):
    with pytest.raises(Refused, match="once"):
        read_file(file)


def test_a_blank_says_nothing(marta, now):
    assert read_file(file_of({"CaseComment": [{"cco_CaseComment": " \n "}]})) == [{"CaseComment": [{}]}]


@given(st.text(st.sampled_from("'=+-@\t\r\nx "), min_size=1, max_size=6))
def test_no_cell_is_computed_and_each_comes_back_as_it_was(text):
    case = json.dumps({"CaseComment": [{"cco_CaseComment": f"{text}x"}]})
    table = b"".join(csv_file([case])).decode()
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))] == []
    assert read_file(table.encode()) == read_file(b"".join(json_file([case])))

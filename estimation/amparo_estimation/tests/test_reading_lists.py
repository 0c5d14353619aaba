"""Reading a file of lists: both forms, and one sentence for everything that is wrong in one."""

import re

import pytest

from amparo_estimation import BadLists, data_set, parse_lists

WRONG = {
    "": "The file is empty",
    "A,B,n\n": "The file is empty",
    "A,n\n1,5\n": "Row 1 names fewer than two lists",
    "A,B,n\n1,0,-3\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,2.5\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,nan\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,inf\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,1e400\n": r"Row 2, column 3 is no count: write a whole number",
    "1,0,30\n0,1,40\n1,1,9\n": r"Row 1 holds numbers: write the names of the lists there",
    "A,B,n\n1,0,\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,1.000\n": r"Row 2, column 3 is no count: write a whole number",
    "A,B,n\n1,0,1_000\n": r"Row 2, column 3 is no count: write a whole number",
    'A,B,n\n1,0,"1,000"\n': r"Row 2, column 3 is no count: write a whole number",
    "A,B\n1,0,\n1,1,\n": r"Row 2 has 3 columns, the first row has 2",
    "A,B,n\n1,,3\n": r"Row 2, column 2 is neither 0 nor 1: write 1",
    "A,B,n\nx,0,3\n": r"Row 2, column 1 is neither 0 nor 1: write 1",
    "A,B,n\n1,0,3\n1,2,4\n": r"Row 3, column 2 is neither 0 nor 1: write 1",
    "A,B,n\n1,0,3\n0,1,4\n1,0,9\n": r"Row 4 repeats the history of row 2",
    "A,B,n\n0,0,3\n": r"Row 2 is on no list",
    "A,B,n\n1,0\n": r"Row 2 has 2 columns, the first row has 3",
    "A,A,n\n1,0,2\n": r"Row 1, column 2 repeats the name of another",
    "A,,n\n1,0,2\n": r"Row 1, column 2 has no name",
    ",".join("ABCDEFGHIJ") + ",n\n" + "1," * 10 + "5\n": "Row 1 names 10 lists",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_in_one_sentence_with_its_place(text: str):
    with pytest.raises(BadLists, match=WRONG[text]) as refused:
        parse_lists(text)
    assert len(re.findall(r"\.(?:\s|$)", str(refused.value))) == 1


def test_counts_and_persons_are_the_same_lists():
    counts = parse_lists("A,B,n\n1,0,2\n1,1,1\n")
    persons = parse_lists("A,B\n1,0\n1,1\n1,0\n")
    assert (counts.table == persons.table).all()
    assert counts.observed == 3
    assert counts.overlap == 1


def test_counts_as_r_and_pandas_write_them_are_read():
    assert parse_lists("A,B,n\n1,0,1e+05\n0,1,30.0\n1,1,1.25e+03\n").observed == 101_280


@pytest.mark.parametrize("name", ["n", "N", "total", "Count", "personas"])
def test_a_column_of_counts_is_known_by_its_name_when_all_are_0_or_1(name: str):
    lists = parse_lists(f"A,B,{name}\n1,0,1\n0,1,1\n1,1,0\n")
    assert (lists.names, lists.observed) == (("A", "B"), 2)
    assert parse_lists("A,B,C\n1,0,1\n0,1,1\n1,1,0\n").names == ("A", "B", "C")  # the control


def test_semicolons_quotes_and_a_byte_order_mark_are_read(tmp_path):
    from amparo_estimation import read_lists

    file = tmp_path / "lists.csv"
    file.write_bytes('\ufeff"A";"B";"n"\r\n1;0;2\r\n1;1;4\r\n'.encode())
    assert read_lists(file).names == ("A", "B")
    assert read_lists(file).observed == 6


def test_a_file_that_is_not_text_is_refused(tmp_path):
    from amparo_estimation import read_lists

    file = tmp_path / "lists.csv"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadLists, match="not text in UTF-8"):
        read_lists(file)
    with pytest.raises(BadLists, match="cannot be read: No such file"):
        read_lists(tmp_path / "none.csv")


def test_a_list_with_nobody_is_left_out():
    lists = parse_lists("A,B,C,n\n1,0,0,2\n1,0,1,4\n")
    assert lists.names == ("A", "C")
    assert lists.left_out == ("B",)
    assert lists.overlap == 4


def test_four_lists_of_the_united_kingdom_are_the_five_without_the_public():
    assert (data_set("UKdat_5").without_list(4).table == data_set("UKdat_4").table).all()

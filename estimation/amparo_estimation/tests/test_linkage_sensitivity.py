"""The same lists linked at other thresholds: their points stand beside the estimate, and a warning if they leave it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from amparo_estimation import command
from amparo_estimation import estimate as by_function
from amparo_estimation.command import main
from amparo_estimation.drawing import format_number
from amparo_estimation.linkage import encode
from amparo_estimation.linkage_sensitivity import LINKAGE_DECIDES
from amparo_estimation.linking import main as link
from amparo_estimation.lists import data_set, read_lists

from .test_linkage import FIELDS, KEY, invented

HEAD = "police,hotline,shelter,n\n"
SOME = HEAD + "1,0,0,300\n0,1,0,400\n0,0,1,200\n1,1,0,40\n1,0,1,30\n0,1,1,35\n1,1,1,8\n"
# Half of the links are missed: who was on two lists is now counted as two people.
MISSED = HEAD + "1,0,0,336\n0,1,0,438\n0,0,1,233\n1,1,0,20\n1,0,1,15\n0,1,1,18\n1,1,1,4\n"

type Writes = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path) -> Writes:
    def one(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return one


def made_by(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--json", "--boot", "200"]) == 0
    return json.loads(capsys.readouterr().out)


def test_missed_links_raise_the_estimate_and_the_warning_says_so(write: Writes, capsys):
    main_lists, fewer_links = write("lists-0.80.csv", SOME), write("lists-0.85.csv", MISSED)
    found = made_by(capsys, main_lists, "--also", fewer_links, "--method", "stepwise")
    (other,) = found["linkages"]
    assert (other["lists"], other["observed"]) == ("lists-0.85.csv", 1064)
    point = by_function(read_lists(fewer_links), "stepwise", boot=0).results[0].point
    assert other["points"] == {"stepwise": pytest.approx(point, abs=1e-4)}
    assert point > found["results"][0]["interval"][1]
    assert LINKAGE_DECIDES in found["warnings"]
    assert found["range"]["linkages"] == [found["results"][0]["point"], other["points"]["stepwise"]]


def test_the_control_the_same_linkage_warns_of_nothing_and_moves_nothing(write: Writes, capsys):
    lists, again = write("lists-0.80.csv", SOME), write("lists-0.75.csv", SOME)
    alone = made_by(capsys, lists, "--method", "stepwise")
    found = made_by(capsys, lists, "--also", again, "--method", "stepwise")
    assert LINKAGE_DECIDES not in found["warnings"]
    assert found["range"].pop("linkages") == [alone["results"][0]["point"]] * 2
    del found["linkages"]
    assert found == alone  # and without --also the keys are the agreed ones


def test_every_method_with_a_model_is_tried_and_said_in_words(write: Writes, capsys):
    lists, other = write("lists-0.80.csv", SOME), write("lists-0.85.csv", MISSED)
    assert main([lists, "--also", other, "--boot", "50"]) == 0
    output = capsys.readouterr().out
    assert f"lists-0.85.csv, {format_number(1064)} people observed: stepwise " in output
    assert ", bic " in output
    assert "All linkages: " in output


def test_the_report_draws_the_estimate_beside_those_of_other_linkages(write: Writes, capsys, tmp_path: Path):
    page = tmp_path / "report.html"
    few = write("lists-0.90.csv", HEAD + "1,0,0,300\n0,1,0,400\n0,0,1,200\n1,1,0,3\n")
    arguments = [write("lists-0.80.csv", SOME), "--method", "stepwise", "--boot", "200", "--report", str(page)]
    assert main([*arguments, "--also", write("lists-0.85.csv", MISSED), few]) == 0
    section = page.read_text().split("and linked at other thresholds</h2>")[1]
    point = by_function(read_lists(tmp_path / "lists-0.85.csv"), "stepwise", boot=0).results[0].point
    assert f"<td>lists-0.85.csv</td><td>stepwise</td><td class=n>{format_number(point)}</td>" in section
    assert "<td>lists-0.90.csv</td><td></td><td class=n>not enough data</td>" in section
    drawn = section.split("<table>")[0]
    assert ">lists-0.85.csv, stepwise</text>" in drawn
    assert ">stepwise [" in drawn
    assert LINKAGE_DECIDES in page.read_text()
    assert main(arguments) == 0  # the control: without other linkages nothing is said of them
    assert "thresholds" not in page.read_text()


def test_too_few_links_are_not_enough_data(write: Writes, capsys):
    few = HEAD + "1,0,0,300\n0,1,0,400\n0,0,1,200\n1,1,0,3\n"
    assert main([write("a.csv", SOME), "--also", write("b.csv", few), "--boot", "50", "--method", "bic"]) == 0
    assert "b.csv, 903 people observed: not enough data." in capsys.readouterr().out


def test_the_latent_method_is_refused_for_other_linkages(write: Writes, capsys):
    """It has no model to try on them; "not enough data" would be said of lists that have enough."""
    assert main([write("a.csv", SOME), "--also", write("b.csv", MISSED), "--method", "latent"]) == 2
    assert capsys.readouterr().err == "--also is not tried by latent: give --method stepwise, bic or all.\n"


def test_files_that_cannot_be_used_are_refused_before_anything_is_estimated(
    write: Writes, capsys, monkeypatch, tmp_path
):
    """The resamples take minutes."""
    monkeypatch.setattr(command, "estimate", lambda *_lists, **_options: pytest.fail("estimated"))
    lists, bad = write("a.csv", SOME), write("bad.csv", SOME.replace("0,1,0", "0,2,0"))
    monkeypatch.setitem(sys.modules, "amparo_estimation.report_pdf", None)  # as without the extra `pdf`
    monkeypatch.delattr("amparo_estimation.report_pdf", raising=False)  # an earlier test may have imported it
    for more, sentence in (
        (["--also", bad], "bad.csv: Row 3, column 2"),
        (["--report", "/nowhere/x.html"], "cannot be written to /nowhere/x.html"),
        (["--report", str(tmp_path / "x.pdf")], "needs the extra `pdf`"),
    ):
        assert main([lists, *more]) == 2
        assert sentence in capsys.readouterr().err
    with pytest.raises(pytest.fail.Exception):  # the control
        main([lists])


def test_files_of_other_lists_are_refused_in_one_sentence(write: Writes, capsys):
    assert data_set("Korea").names == ("b", "c", "d")
    other = write("other.csv", SOME.replace("shelter", "hospital"))
    assert main([write("a.csv", SOME), "--also", other, "--boot", "50", "--method", "bic"]) == 2
    assert capsys.readouterr().err == "other.csv has other lists: give files of one linkage, at different thresholds.\n"
    bad = write("bad.csv", SOME.replace("0,1,0", "0,2,0"))
    assert main([write("a.csv", SOME), "--also", bad, "--boot", "50", "--method", "bic"]) == 2
    assert capsys.readouterr().err.startswith("bad.csv: Row 3, column 2 is neither 0 nor 1")
    assert main([write("a.csv", SOME), "--also", "none.csv", "--boot", "50", "--method", "bic"]) == 2
    assert "The file cannot be read" in capsys.readouterr().err


def test_from_encoded_lists_to_an_estimate_with_its_three_linkages(tmp_path: Path, capsys):
    """Two lists of 2,000 with 400 in common, so about 10,000 people in all; typing mistakes move the links a little."""
    encoded = [tmp_path / f"{name}.npz" for name in ("police", "hotline")]
    for path, people in zip(encoded, invented(2_000, 400), strict=True):
        encode(people, FIELDS, KEY).save(path)
    assert link([*map(str, encoded), "--threshold", "0.9", "--out", str(tmp_path / "lists")]) == 0
    capsys.readouterr()
    first, *others = (str(tmp_path / f"lists-{threshold}.csv") for threshold in ("0.85", "0.90", "0.95"))
    found = made_by(capsys, first, "--also", *others, "--method", "stepwise")
    assert found["results"][0]["point"] == pytest.approx(2_000 * 2_000 / 400, rel=0.02)
    assert found["range"]["linkages"][1] > 11_000  # at 0.95 many are missed
    assert LINKAGE_DECIDES in found["warnings"]

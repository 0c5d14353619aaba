"""The command as somebody types it: JSON, words, a page, and refusals with exit 2."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pypdf import PdfReader

from amparo_estimation import report, words
from amparo_estimation.command import main
from amparo_estimation.drawing import WIDTH
from amparo_estimation.latent import CLASSES
from amparo_estimation.linkage_sensitivity import LINKAGE_DECIDES
from amparo_estimation.lists import HISTORIES
from amparo_estimation.spanish import SPANISH

KOREA = str(HISTORIES / "Korea.csv")


@dataclass
class Answer:
    returncode: int
    stdout: str
    stderr: str


type Estimate = Callable[..., Answer]


@pytest.fixture
def estimate(capsys: pytest.CaptureFixture[str]) -> Estimate:
    def answer(*arguments: str) -> Answer:
        return Answer(main(arguments), *capsys.readouterr())

    return answer


def test_it_is_a_program_without_django():
    script = "import sys; from amparo_estimation.command import main; sys.argv[1:] = {}; sys.exit(main())"
    command = [sys.executable, "-c", script.format([KOREA, "--boot", "50"])]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    assert "Observed: 123 people" in found.stdout
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, amparo_estimation.command; print('django' in sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert loaded.stdout == "False\n"


def test_json_has_exactly_the_agreed_keys(estimate: Estimate):
    made = json.loads(estimate(KOREA, "--json", "--boot", "200", "--seed", "7").stdout)
    assert list(made) == [
        "observed", "lists", "results", "range", "over_odds_ratios", "over_shares", "verdict", "warnings"
    ]  # fmt: skip
    assert (made["observed"], made["lists"]) == (123, ["b", "c", "d"])
    assert list(made["range"]) == ["dbic2", "dbic6", "at_least"]
    assert [(it["method"], it["model"]) for it in made["results"]] == [
        ("stepwise", "[12,3]"), ("bic", "[12,23]"), ("latent", "10 classes"),
    ]  # fmt: skip
    keys = ["method", "model", "point", "interval", "level", "bic", "boot", "seed", "flags"]
    assert all(list(it) == keys for it in made["results"])
    assert [(it["boot"], it["seed"]) for it in made["results"]] == [(200, 7), (200, 7), (8000, 7)]


def test_words_say_what_is_missing(estimate: Estimate):
    found = estimate(KOREA, "--boot", "200").stdout
    assert "Observed: 123 people on 3 lists." in found
    assert "Lists cannot show whom none of them could ever see." in found
    assert words.TOO_LOW in found
    assert re.search(r"At least about \d+ people, even if some are harder to see", found)
    assert words.RANGE_OF_MODELS in found


def test_the_page_is_one_file_that_fetches_nothing(estimate: Estimate, tmp_path: Path):
    page = tmp_path / "report.html"
    assert estimate(str(HISTORIES / "UKdat_5.csv"), "--boot", "100", "--report", str(page)).returncode == 0
    text = page.read_text()
    drawn = ("The estimate and its doubts", "The chains of the latent classes", "People on each combination of lists",
             "Without one of the lists")  # fmt: skip
    sections = {title: text.split(f"<h2>{title}")[1].split("<h2>")[0] for title in drawn}
    assert all("<svg" in it and 'aria-label="' in it and "<table>" in it for it in sections.values())
    assert "R-hat " in sections["The chains of the latent classes"]
    assert sections["The chains of the latent classes"].count("half</td>") == 8
    assert "http" not in text
    assert "The models disagree" in text
    assert "fewer than 10" in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("suffix", ["html", "pdf"])
def test_a_report_and_each_picture_say_in_what_direction_it_errs(estimate: Estimate, tmp_path, language, suffix):
    page = tmp_path / f"report.{suffix}"
    arguments = ("--boot", "100", "--language", language, "--report", str(page))
    assert estimate(str(HISTORIES / "UKdat_4.csv"), *arguments).returncode == 0
    say = report.translator_for(language)
    if suffix == "pdf":
        text = " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(page).pages).split())
        assert say(words.TOO_LOW) in text
        assert say(words.RANGE_OF_MODELS) in text
        return
    text = page.read_text()
    assert f"<li>{say(words.TOO_LOW)}</li>" in text
    assert say(words.RANGE_OF_MODELS) in text
    pictures = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    with_people = [it for it in pictures if "whisker" in it or 'class="band"' in it]
    assert len(with_people) >= 5
    assert all(say(words.TOO_LOW) in it for it in with_people)


def test_the_report_in_spanish_leaves_no_sentence_in_english(estimate: Estimate, tmp_path: Path, monkeypatch):
    collected = set[str]()

    def translator_for(language: str) -> report.Say:
        say = say_before(language)
        return lambda words: collected.add(words) or say(words)

    say_before = report.translator_for
    monkeypatch.setattr(report, "translator_for", translator_for)
    page, lists = tmp_path / "report.html", HISTORIES / "UKdat_5.csv"
    (tmp_path / "loose.csv").write_text(lists.read_text().replace("46", "4", 1))
    arguments = (str(lists), "--also", str(tmp_path / "loose.csv"), "--boot", "100", "--report", str(page))
    assert estimate(*arguments, "--language", "es").returncode == 0
    assert {
        it for it in collected - SPANISH.keys() if not re.fullmatch(r"\[[\d,]*\]", it)
    } == set()  # but names of models
    assert len(collected & SPANISH.keys()) > 30
    text = page.read_text()
    assert '<html lang="es">' in text
    assert "Cuántas personas puede haber" in text
    assert "Without one of the lists" not in text
    assert estimate(*arguments).returncode == 0
    assert "Without one of the lists" in page.read_text()  # the control


def test_every_sentence_of_an_estimate_has_its_spanish():
    sentences = {sentence for name, sentence in vars(words).items() if name.isupper()}
    assert {*sentences, LINKAGE_DECIDES, f"{CLASSES} classes"} <= SPANISH.keys()
    for english, spanish in SPANISH.items():
        assert sorted(re.findall(r"{.*?}", english)) == sorted(re.findall(r"{.*?}", spanish))


def test_lists_with_nobody_on_them_have_a_report_that_says_so(estimate: Estimate, tmp_path: Path):
    lists, page = tmp_path / "lists.csv", tmp_path / "report.html"
    lists.write_text("A,B,n\n1,0,0\n0,1,0\n")
    assert estimate(str(lists), "--report", str(page)).returncode == 0
    assert "Not enough data" in page.read_text()


def test_chains_that_disagree_are_drawn_and_their_result_is_withheld(estimate: Estimate, tmp_path: Path):
    page = tmp_path / "report.html"
    found = estimate(str(HISTORIES / "Ned_5.csv"), "--method", "latent", "--report", str(page))
    assert "No estimate" in found.stdout
    assert "the chains do not agree, so their result is withheld" in page.read_text()
    agreeing = tmp_path / "korea.html"
    estimate(KOREA, "--method", "latent", "--report", str(agreeing))  # the control
    assert "the chains agree" in agreeing.read_text()


def test_the_report_on_paper_says_the_same(estimate: Estimate, tmp_path: Path):
    page, paper = tmp_path / "report.html", tmp_path / "report.pdf"
    arguments = (str(HISTORIES / "UKdat_4.csv"), "--boot", "100", "--report")
    assert estimate(*arguments, str(page)).returncode == 0
    assert estimate(*arguments, str(paper)).returncode == 0
    read = PdfReader(paper)
    text = " ".join(" ".join(sheet.extract_text() for sheet in read.pages).split())
    for title in re.findall(r"<h2>(.*?)</h2>", page.read_text()):
        assert " ".join(title.split()) in text
    assert "11 015" in text
    assert "fewer than 10" in text
    assert sum(len(sheet.images) for sheet in read.pages) == page.read_text().count("<svg")
    assert all(len(set(image.image.convert("L").tobytes())) > 8 for sheet in read.pages for image in sheet.images)
    once = paper.read_bytes()
    assert estimate(*arguments, str(paper)).returncode == 0
    assert paper.read_bytes() == once


def test_a_list_with_a_long_name_is_drawn_within_the_picture_and_named_whole_beside_it(estimate: Estimate, tmp_path):
    long = "Ministerio de la Mujer y Poblaciones Vulnerables (UPE y casas de acogida)"
    lists, page = tmp_path / "lists.csv", tmp_path / "report.html"
    lists.write_text((HISTORIES / "Korea.csv").read_text().replace('"b"', f'"{long}"', 1))
    assert estimate(str(lists), "--boot", "100", "--method", "stepwise", "--report", str(page)).returncode == 0
    drawn = re.findall(r"<svg.*?</svg>", page.read_text(), re.DOTALL)
    xs = [float(x) for svg in drawn for x in re.findall(r' (?:x|x1|x2|cx)="([^"]+)"', svg)]
    assert 0 <= min(xs) <= max(xs) <= WIDTH
    assert not [width for svg in drawn for width in re.findall(r'width="(-[^"]+)"', svg)]
    labels = [text for svg in drawn for text in re.findall(r'class="label"[^>]*>([^<]*)<', svg)]
    assert any("…" in label for label in labels)
    assert max(map(len, labels)) <= 43
    assert long in page.read_text().split("<table>", 1)[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((KOREA, "--boot", "-1"), "--boot is -1"),
        ((KOREA, "--seed", "-1"), "--seed is -1"),
        ((KOREA, "--order", "0"), "Order 0 cannot be tried: give 1 or more."),
        ((KOREA, "--report", "x.doc"), "must end in .html or .pdf"),
        ((KOREA, "--boot", "50", "--report", "/nowhere/x.html"), "cannot be written"),
        ((str(HISTORIES / "UKdat.csv"), "--order", "3"), "Order 3 cannot be tried with 6 lists"),
        ((str(HISTORIES / "NewOrl.csv"), "--method", "bic"), "too many for 8 lists"),
        (("none.csv",), "The file cannot be read"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_2(estimate: Estimate, arguments: tuple[str, ...], sentence: str):
    found = estimate(*arguments)
    assert found.returncode == 2
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1
    assert found.stdout == ""

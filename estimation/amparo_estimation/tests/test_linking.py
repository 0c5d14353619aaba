"""The linkage unit counts who is on which of three encoded lists, without a key and without a name."""

import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from amparo_estimation.linkage import EncodedList, capture_histories, encode
from amparo_estimation.linking import main
from amparo_estimation.lists import read_lists

from .test_linkage import FIELDS, KEY, invented


@pytest.fixture(scope="module")
def three() -> list[EncodedList]:
    """1,000 people of the police, 400 of them also at the hotline, and 100 of these at a shelter with 200 others."""
    police, hotline = invented(1000, 400)
    _others, newcomers = invented(200, 0, seed=2)
    return [encode(people, FIELDS, KEY) for people in (police, hotline, police[:100] + newcomers)]


def test_people_are_counted_by_the_lists_they_are_on(three):
    counts = capture_histories(three, 0.8)
    truth = {0b001: 600, 0b010: 600, 0b011: 300, 0b111: 100, 0b100: 200}
    assert sum(abs(counts.get(history, 0) - truth.get(history, 0)) for history in range(1, 8)) <= 20


def test_the_control_lists_of_two_keys_share_nobody(three):
    police, _hotline = invented(1000, 400)
    assert set(capture_histories([three[1], encode(police, FIELDS, b"x" * 32)], 0.8)) == {0b01, 0b10}


def test_two_people_of_one_list_are_never_one():
    """A and B of the first list both resemble one person of the second, through the third."""
    same = encode([dict.fromkeys(FIELDS, "invented")], FIELDS, KEY)
    twice = EncodedList(np.repeat(same.filters, 2, axis=0), np.repeat(same.blocks, 2, axis=0))
    assert capture_histories([twice, same, same], 0.8) == {0b111: 1, 0b001: 1}


def test_the_command_writes_counts_at_three_thresholds(three, tmp_path: Path, capsys):
    paths = [tmp_path / f"{name}.npz" for name in ("police", "hotline", "shelter")]
    for path, encoded in zip(paths, three, strict=True):
        encoded.save(path)
    assert main([*map(str, paths), "--threshold", "0.8", "--out", str(tmp_path / "lists")]) == 0
    read = [read_lists(tmp_path / f"lists-{threshold}.csv") for threshold in ("0.75", "0.80", "0.85")]
    assert read[1].names == ("police", "hotline", "shelter")
    assert [it.overlap for it in read] == sorted((it.overlap for it in read), reverse=True)
    assert "people, " in capsys.readouterr().out


def test_without_a_threshold_the_lists_suggest_one(tmp_path: Path, capsys):
    for name, people in zip(("police", "hotline"), invented(5_000, 500), strict=True):
        encode(people, FIELDS, KEY).save(tmp_path / f"{name}.npz")
    paths = [str(tmp_path / f"{name}.npz") for name in ("police", "hotline")]
    assert main([*paths, "--out", str(tmp_path / "lists")]) == 0
    suggested = float(re.match(r"Threshold (0\.\d\d): there a pair", capsys.readouterr().out)[1])
    written = sorted(path.name for path in tmp_path.glob("lists-*.csv"))
    assert written == [f"lists-{suggested + step:.2f}.csv" for step in (-0.05, 0, 0.05)]
    assert read_lists(tmp_path / f"lists-{suggested:.2f}.csv").overlap == pytest.approx(500, abs=5)


def test_too_few_pairs_get_the_usual_threshold_and_a_sentence(tmp_path: Path, capsys):
    for name, people in zip(("police", "hotline"), invented(1_000, 0), strict=True):
        encode(people, FIELDS, KEY).save(tmp_path / f"{name}.npz")
    paths = [str(tmp_path / f"{name}.npz") for name in ("police", "hotline")]
    assert main([*paths, "--out", str(tmp_path / "lists")]) == 0
    assert "Too few pairs, or too alike, to suggest a threshold: the usual 0.80." in capsys.readouterr().out
    assert (tmp_path / "lists-0.80.csv").exists()


def test_a_file_that_was_damaged_on_its_way_is_one_sentence(three, tmp_path: Path, capsys):
    good, bad = tmp_path / "police.npz", tmp_path / "hotline.npz"
    three[0].save(good)
    original, dice = good.read_bytes(), np.random.default_rng(5)
    for _ in range(60):
        changed = bytearray(original)
        for place in dice.integers(len(original), size=3):
            changed[place] = dice.integers(256)
        bad.write_bytes(changed)
        code = main([str(good), str(bad), "--threshold", "0.8", "--out", str(tmp_path / "lists")])
        error = capsys.readouterr().err
        assert (code, error) == (0, "") or (code == 2 and error.count("\n") == 1 and "no encoded list" in error)
    np.savez(bad, filters=np.zeros((3, 4)), blocks=np.zeros(2))
    assert main([str(good), str(bad), "--threshold", "0.8", "--out", str(tmp_path / "lists")]) == 2


@pytest.mark.parametrize("shape", ["(3, ", f"({10**14}, 64)", f"({10**23}, 64)", "encrypted"])
def test_whatever_numpy_raises_for_a_changed_header_is_one_sentence(three, tmp_path: Path, capsys, shape):
    good, bad = tmp_path / "police.npz", tmp_path / "hotline.npz"
    three[0].save(good)
    if shape == "encrypted":
        changed = bytearray(good.read_bytes())
        for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # in both headers of the first file of the archive
            changed[changed.index(signature) + flags] |= 1
        bad.write_bytes(changed)
    else:
        header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n".encode()
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("filters.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
    assert main([str(good), str(bad), "--threshold", "0.8", "--out", str(tmp_path / "lists")]) == 2
    assert capsys.readouterr().err == f"{bad} is no encoded list: make it with `amparo figures encode`.\n"


@pytest.mark.parametrize(
    ("names", "more", "sentence"),
    [
        (["police"], [], "Give from 2 to 9 lists, not 1."),
        (["police", "notes"], [], "is no encoded list"),
        (["police", "absent"], [], "No such file or directory"),
        (["police", "other/police"], [], "Two lists are named police"),
        (["police", "short"], [], "different numbers of fields"),
        (["police", "hotline"], ["--threshold", "1.2"], "--threshold is 1.2: give a number between 0.05 and 0.95."),
    ],
)
def test_what_cannot_be_linked_is_one_sentence(three, tmp_path: Path, capsys, names, more, sentence):
    (tmp_path / "other").mkdir()
    for name in ("police", "hotline", "other/police"):
        three[0].save(tmp_path / f"{name}.npz")
    encode([{"born": "1990"}], ["born"], KEY).save(tmp_path / "short.npz")
    (tmp_path / "notes.npz").write_text("Rosa")
    given = [str(tmp_path / f"{name}.npz") for name in names]
    assert main([*given, *more, "--out", str(tmp_path / "lists")]) == 2
    output = capsys.readouterr().err
    assert sentence in output
    assert "Rosa" not in output
    assert not list(tmp_path.glob("*.csv"))

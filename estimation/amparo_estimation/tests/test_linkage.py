"""The same person on two lists, found without a name: invented people with typing mistakes."""

import random
from pathlib import Path

import numpy as np
import pytest

from amparo_estimation.encoding import main
from amparo_estimation.linkage import EncodedList, candidate_pairs, encode, link, normalised, one_to_one_links
from amparo_estimation.threshold import choose_threshold

FIELDS = ["given", "surname", "born", "place"]
KEY = b"k" * 32

type Person = dict[str, str]


def invented(many: int, shared: int, seed: int = 1) -> tuple[list[Person], list[Person]]:
    """Two lists whose first `shared` people are the same; one in five of their names has a typing mistake."""
    dice = random.Random(seed)
    syllables = [a + b for a in "bcdfghlmnprstvyz" for b in "aeiou"]

    def words(how_many: int) -> list[str]:
        return ["".join(dice.choices(syllables, k=dice.randint(2, 4))) for _ in range(how_many)]

    given, surnames, places = words(3000), words(8000), words(400)

    def person() -> Person:
        born = f"{dice.randint(1950, 2010)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        names = {"given": dice.choice(given), "surname": dice.choice(surnames)}
        return {**names, "born": born, "place": dice.choice(places)}

    def mistyped(word: str) -> str:
        at = dice.randrange(len(word))
        return dice.choice([word[:at] + word[at + 1 :], word[:at] + "x" + word[at + 1 :], word[:at] + "e" + word[at:]])

    one = [person() for _ in range(many)]
    other = [dict(it) for it in one[:shared]] + [person() for _ in range(many - shared)]
    for it in other[:shared]:
        for name in ("given", "surname"):
            if dice.random() < 0.2:
                it[name] = mistyped(it[name])
    return one, other


@pytest.fixture(scope="module")
def encoded() -> tuple[EncodedList, EncodedList]:
    one, other = invented(20_000, 10_000)
    return encode(one, FIELDS, KEY), encode(other, FIELDS, KEY)


@pytest.mark.parametrize("threshold", [0.75, 0.8])
def test_precision_and_recall_are_99_percent(encoded, threshold: float):
    links = link(*encoded, threshold)
    right = (links[:, 0] == links[:, 1]) & (links[:, 0] < 10_000)
    assert right.mean() >= 0.99
    assert right.sum() / 10_000 >= 0.99


def test_the_threshold_that_the_lists_suggest_is_as_good(encoded):
    threshold = choose_threshold(encoded)
    assert threshold is not None
    links = link(*encoded, threshold)
    right = (links[:, 0] == links[:, 1]) & (links[:, 0] < 10_000)
    assert right.mean() >= 0.99
    assert right.sum() / 10_000 >= 0.99


def test_lists_with_more_mistakes_get_a_lower_threshold(encoded):
    """A field more, in which the same person is not alike: all are less alike."""
    one, other = invented(5_000, 2_500)
    dice = random.Random(2)
    for it in (*one, *other):
        it["street"] = "".join(dice.choices("abcdefgh", k=8))
    fields = [*FIELDS, "street"]
    noisy = encode(one, fields, KEY), encode(other, fields, KEY)
    threshold, without_noise = choose_threshold(noisy), choose_threshold(encoded)
    assert threshold < without_noise
    links = link(*noisy, threshold)
    assert ((links[:, 0] == links[:, 1]) & (links[:, 0] < 2_500)).sum() / 2_500 >= 0.99
    assert len(link(*noisy, without_noise)) < 2_500 * 0.99  # the control: the other threshold misses many


def test_lists_of_strangers_suggest_no_threshold():
    one, other = invented(20_000, 0)
    assert choose_threshold([encode(one, FIELDS, KEY), encode(other, FIELDS, KEY)]) is None


def test_nobody_is_linked_twice(encoded):
    links = link(*encoded, 0.6)
    assert len(set(links[:, 0])) == len(set(links[:, 1])) == len(links)


def test_lists_of_strangers_have_few_links():
    one, other = invented(5_000, 0)
    assert len(link(encode(one, FIELDS, KEY), encode(other, FIELDS, KEY), 0.8)) < 5


def test_without_the_key_nothing_links():
    one, _ = invented(500, 500)
    mine, other_key = encode(one, FIELDS, KEY), encode(one, FIELDS, b"x" * 32)
    assert len(candidate_pairs(mine, other_key)[0]) == 0
    assert len(link(mine, mine, 0.8)) == 500  # the control


def test_an_encoded_list_holds_no_letter_of_it(tmp_path: Path):
    one, _ = invented(200, 0)
    encode(one, FIELDS, KEY).save(tmp_path / "list.npz")
    loaded = EncodedList.load(tmp_path / "list.npz")
    raw = loaded.filters.tobytes() + loaded.blocks.tobytes()
    assert not any(it[field].encode() in raw for it in one for field in ("given", "surname"))
    assert (loaded.filters == encode(one, FIELDS, KEY).filters).all()


def test_accents_capitals_and_spaces_do_not_matter():
    assert normalised(" Núñez-O'Hara ") == "NUNEZOHARA"
    spelt = [[{"given": name}] for name in ("José Luis", "JOSE LUIS")]
    one, other = (encode(it, ["given"], KEY) for it in spelt)
    assert candidate_pairs(one, other)[1].tolist() == [1.0]


def test_empty_fields_share_no_blocking_key():
    empty = encode([{"given": "", "surname": ""}], ["given", "surname"], KEY)
    assert len(candidate_pairs(empty, empty)[0]) == 0


def test_the_most_alike_pair_goes_first():
    pairs = np.array([[0, 0], [0, 1], [1, 0]])
    assert one_to_one_links(pairs, np.array([0.8, 0.9, 0.85]), 0.5).tolist() == [[0, 1], [1, 0]]


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="at least 16"):
        encode([], FIELDS, b"short")


def test_the_command_encodes_a_list_and_makes_a_key(tmp_path: Path, capsys):
    people = tmp_path / "people.csv"
    people.write_text("name,born\nInvented Person,1990-05-12\nSecond Person,1991-01-02\n")
    key, out = tmp_path / "key", tmp_path / "out.npz"
    given = [str(people), "--fields", "name,born", "--key", str(key), "--out", str(out)]
    assert main([*given, "--new-key"]) == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert len(EncodedList.load(out)) == 2
    first = EncodedList.load(out)
    assert main(given) == 0
    assert (EncodedList.load(out).filters == first.filters).all()
    assert capsys.readouterr().out.count("2 people encoded by 2 fields.") == 2


def test_a_key_is_made_only_when_asked_for_and_never_in_place_of_another(tmp_path: Path, capsys):
    people, key, out = (tmp_path / name for name in ("people.csv", "key", "out.npz"))
    people.write_text("name,born\nInvented Person,1990-05-12\n")
    given = [str(people), "--fields", "name,born", "--key", str(key), "--out", str(out)]
    assert main(given) == 2
    assert f"{key} does not exist" in capsys.readouterr().err
    assert not key.exists()
    assert not out.exists()
    key.write_text("k" * 64)
    assert main([*given, "--new-key"]) == 2
    assert f"{key} is there already" in capsys.readouterr().err
    assert key.read_text() == "k" * 64


def test_a_list_of_a_spreadsheet_in_spanish_is_encoded_alike_and_too_little_known_people_are_counted(tmp_path, capsys):
    (tmp_path / "key").write_bytes(KEY)
    for name, text in (("commas", "name,born\nInvented,1990\n"), ("semicolons", "name;born\nInvented;1990\n;\n")):
        (tmp_path / name).write_text(text)
        more = ["--fields", "name,born", "--key", str(tmp_path / "key"), "--out", str(tmp_path / f"{name}.npz")]
        assert main([str(tmp_path / name), *more]) == 0
    one, two = (EncodedList.load(tmp_path / f"{name}.npz") for name in ("commas", "semicolons"))
    assert (one.filters[0] == two.filters[0]).all()
    assert len(link(one, two, 0.9)) == 1
    assert capsys.readouterr().out.endswith("1 of them have too few fields filled in to be linked with anybody.\n")


@pytest.mark.parametrize(
    ("text", "fields", "sentence"),
    [
        ("name,born\n", "name", "The list is empty"),
        ("name,born\nRosa,1990\n", "name,dni", "Field 2 of --fields is no column"),
        ("name,born\nRosa,1990\n", "name,name", "Field 2 of --fields repeats another one: name each column once."),
        ("name,born\nRosa\n", "name", "Row 2 has 1 columns, the first row has 2"),
        ("name,name\nRosa,1990\n", "name", "Row 1, column 2 repeats the name of another one"),
        (f"name,born\nRosa,{'9' * 200_000}\n", "name", "Row 2 is not CSV"),
    ],
)
def test_a_wrong_list_is_one_sentence_without_a_name(tmp_path: Path, capsys, text: str, fields: str, sentence: str):
    people = tmp_path / "people.csv"
    people.write_text(text)
    (tmp_path / "key").write_bytes(KEY)
    given = [str(people), "--fields", fields, "--key", str(tmp_path / "key"), "--out", str(tmp_path / "out.npz")]
    assert main(given) == 2
    output = capsys.readouterr().err
    assert sentence in output
    assert "Rosa" not in output

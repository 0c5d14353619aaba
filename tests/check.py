"""`make check`: all checks of the code that do not run it. It stops at the first failure, with one sentence."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from datetime import date
from pathlib import Path

BIN = Path(sys.executable).parent
LONGEST_FILE, LONGEST_TEST = 350, 400  # lines; a room that needs more is split by noun

os.environ["DJANGO_SETTINGS_MODULE"] = "amparo.settings"
sys.path.insert(0, str(Path(__file__).parent.parent))


def run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"make check: {' '.join(Path(c).name for c in command[:2])} is not content.")


def refuse(wrong: list[str], why: str) -> None:
    if wrong:
        sys.exit(f"make check: {why}: {', '.join(wrong)}.")


def length_of_files() -> None:
    files = subprocess.check_output(["git", "ls-files", "*.py"], text=True).split()
    most = {f: LONGEST_TEST if "tests/" in f else LONGEST_FILE for f in files if "/migrations/" not in f}
    long = [f for f, lines in most.items() if Path(f).exists() and Path(f).read_text().count("\n") > lines]
    refuse(long, f"longer than {LONGEST_FILE} lines ({LONGEST_TEST} of tests), split by noun")


def numbers_of_decisions() -> None:
    numbers = Counter(path.name[:4] for path in Path("docs/decisions").glob("*.md"))
    refuse([number for number, many in numbers.items() if many > 1], "these numbers belong to two decisions")


def import_direction() -> None:
    from tests.test_imports import looks_forward, private_imports

    refuse(looks_forward(), "rooms look only back")
    refuse(private_imports(), "not public: see docs/decisions/0061")


def names() -> None:
    from tests.test_names import nonstandard_names

    refuse(nonstandard_names(), "these names are no standard terms")


def flaky_tests() -> None:
    from tests.again import overdue

    refuse(overdue(date.today()), "tests/flaky.toml")


def frozen_files() -> None:
    from tests.frozen import changed

    refuse(changed(), "a release has these files, and they never change again: write a migration of its own")


def templates() -> None:
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    wrong = []
    for path in Path("amparo").glob("**/templates/**/*.html"):
        try:
            get_template(str(path).split("/templates/")[1])
        except TemplateSyntaxError as error:
            wrong.append(f"{path}: {error}")
    refuse(wrong, "these templates do not compile")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["AMPARO_HOME"] = home  # a check leaves nothing in a home that people use
        check()
    print("make check: all well")


def check() -> None:
    run(str(BIN / "ruff"), "format", "--check", "--quiet", ".")
    run(str(BIN / "ruff"), "check", "--quiet", ".")
    run(str(BIN / "mypy"), "amparo", "estimation")
    length_of_files()
    numbers_of_decisions()
    import_direction()
    names()
    flaky_tests()
    frozen_files()
    import django

    django.setup()
    templates()
    run(sys.executable, "-m", "tests.catalogues", "--check")
    run(sys.executable, "-m", "amparo.line.switchboard.prompts")
    run(sys.executable, "-m", "tests.threats", "--check")


if __name__ == "__main__":
    main()

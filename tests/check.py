"""`make check`: everything that can be said of the code without running it. The first red sentence ends it."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
LONGEST_FILE = 300  # lines


def run(*command: str) -> None:
    if subprocess.run(command, check=False).returncode:
        sys.exit(f"make check: {' '.join(Path(c).name for c in command[:2])} is not content")


def length_of_files() -> None:
    files = subprocess.check_output(["git", "ls-files", "*.py"], text=True).split()
    long = [f for f in files if "/migrations/" not in f and Path(f).read_text().count("\n") > LONGEST_FILE]
    if long:
        sys.exit(f"make check: longer than {LONGEST_FILE} lines, split by noun: {', '.join(long)}")


if __name__ == "__main__":
    run(str(BIN / "ruff"), "format", "--check", "--quiet", ".")
    run(str(BIN / "ruff"), "check", "--quiet", ".")
    run(str(BIN / "mypy"), "amparo")
    length_of_files()
    print("make check: all well")

"""Files that a release had and that never change again: migrations, and the SQL that they run once.

Each release records their digests in `tests/releases/<version>/frozen.sha256` (`sha256sum --check` reads it, too).
`make check` refuses a file that is missing or differs. `functions.sql` runs again and again, so it is not among them.
"""

import hashlib
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
RECORD = "frozen.sha256"


def files_that_run_once(checkout: Path = CHECKOUT) -> list[Path]:
    sql = (path for path in checkout.glob("amparo/*/*/sql/*.sql") if path.name != "functions.sql")
    return sorted([*checkout.glob("amparo/*/*/migrations/0*.py"), *sql])


def record(release: Path, checkout: Path = CHECKOUT) -> None:
    """Write the digests of today's files into the folder of a release."""
    lines = [f"{_digest(path)}  {path.relative_to(checkout)}\n" for path in files_that_run_once(checkout)]
    (release / RECORD).write_text("".join(lines))


def changed(checkout: Path = CHECKOUT) -> list[str]:
    """The files that are not as a release had them."""
    lines = [line for of in checkout.glob(f"tests/releases/*/{RECORD}") for line in of.read_text().splitlines()]
    recorded = {tuple(line.split("  ", 1)) for line in lines}
    return sorted({path for digest, path in recorded if _digest(checkout / path) != digest})


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"

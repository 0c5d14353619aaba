"""Commands that write a snapshot's exact counts to a file, and that count every table again from such files.

`amparo figures snapshot NUMBER --out FOLDER`, and `amparo figures recount NUMBER ... --in FOLDER` without the hotline.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.utils import translation

from amparo.figures.snapshot.models import Snapshot
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Misconfigured

from .models import Edition


def export_snapshot(number: int, folder: str) -> int:
    """Write the exact counts of a snapshot as Parquet with a manifest, and record that in the ledger. Returns 0.

    Raises `Misconfigured` without such a snapshot, or if its files exist already or cannot be written.
    """
    with _needs_extra("open-data"):
        from .snapshot_file import SnapshotFile
    written = SnapshotFile(Path(folder), number)
    if written.parquet.exists() or written.manifest.exists():
        raise Misconfigured(f"{written.parquet} or {written.manifest.name} is there already: name another folder.")
    snapshot = Snapshot.objects.filter(pk=number).first()
    if snapshot is None:
        raise Misconfigured(f"There is no snapshot {number}. An edition says the number of its own.")
    edition = Edition.objects.select_related("snapshot").filter(snapshot=snapshot).first()
    try:
        with acting_as(WORKER):
            append("export_snapshot", f"snapshot {number}")
            written.write(snapshot, edition)
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be written ({error.strerror}).") from error
    with translation.override("en"):
        print(f"{written.parquet} has the exact counts of {snapshot.period}, which are not for publication.")
    print(f"SHA-256 {written.verify()['sha256']}, as {written.manifest.name} says.")
    return 0


def recount(numbers: Sequence[int], folder: str, spark: str) -> int:
    """Count every table of a snapshot again from its file, on DuckDB or a Spark cluster, and print JSON.

    Of several snapshots it prints their year, as it was released. Returns 0. Raises `Misconfigured` if a file is wrong
    or cannot be read.
    """
    with _needs_extra("open-data"):
        from .recounting import recount_snapshot, recount_year
        from .snapshot_file import SnapshotFile, database_engine
    files = [SnapshotFile(Path(folder), number) for number in dict.fromkeys(numbers)]
    try:
        for file in files:
            file.verify()  # before Spark starts, which takes a minute
        with _needs_extra("spark"), database_engine(spark) as database:
            found = recount_year(files, database) if len(files) > 1 else recount_snapshot(files[0], database)
    except OSError as error:
        raise Misconfigured(f"{error.filename or folder} cannot be read ({error.strerror or error}).") from error
    print(json.dumps(found, indent=2))
    return 0


@contextmanager
def _needs_extra(name: str) -> Iterator[None]:
    """Raise `Misconfigured`, with what to install, if an import within fails."""
    try:
        yield
    except ImportError as error:
        raise Misconfigured(f"This needs the extra `{name}`: install amparo[{name}].") from error

"""`amparo figures snapshot NUMBER --out FOLDER`: the machine's administrator takes a snapshot's exact counts along."""

from pathlib import Path

from django.utils import translation

from amparo.figures.snapshot.models import Snapshot
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Misconfigured


def export_snapshot(number: int, folder: str) -> int:
    """Write a snapshot as Parquet with its manifest; the ledger says so. Raises `Misconfigured`."""
    try:
        from .snapshot_file import SnapshotFile
    except ImportError as error:
        raise Misconfigured("This needs the extra `open-data`: install amparo[open-data].") from error
    written = SnapshotFile(Path(folder), number)
    if written.parquet.exists() or written.manifest.exists():
        raise Misconfigured(f"{written.parquet} or {written.manifest.name} is there already: name another folder.")
    snapshot = Snapshot.objects.filter(pk=number).first()
    if snapshot is None:
        raise Misconfigured(f"There is no snapshot {number}. An edition says the number of its own.")
    try:
        with acting_as(WORKER):
            append("export_snapshot", f"snapshot {number}")
            written.write(snapshot)
    except OSError as error:
        raise Misconfigured(f"{folder} cannot be written ({error.strerror}).") from error
    with translation.override("en"):
        print(f"{written.parquet} has the exact counts of {snapshot.period}, which are not for publication.")
    print(f"SHA-256 {written.verify()['sha256']}, as {written.manifest.name} says.")
    return 0

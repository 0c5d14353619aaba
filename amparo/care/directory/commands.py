"""`amparo directory import | export`: an administrator of the machine loads the directory from a file, or writes it."""

import argparse
import json
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy

from amparo.foundation.audit.labels import label_verb
from amparo.foundation.audit.rules import append
from amparo.foundation.core.actor import WORKER, acting_as
from amparo.foundation.core.refusal import Misconfigured, Refused

from .hsds_export import export_document
from .hsds_import import import_document


def run(arguments: argparse.Namespace) -> None:
    file = Path(arguments.file)
    import_file(file) if arguments.what == "import" else export_file(file)


def import_file(file: Path) -> None:
    """Import the whole file, or nothing of it."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{file} cannot be read ({error.strerror}).") from error
    try:
        with acting_as(WORKER):
            done = import_document(text, now=timezone.now())
            append("import_directory", "directory")
    except Refused as wrong:
        raise Misconfigured(f"{file}: {wrong} Nothing was imported.") from wrong
    print(f"{done.organizations} organizations and {done.services} services are in the directory.")
    if done.left_out:
        print(f"The directory has no place for these fields, and left them out: {', '.join(sorted(done.left_out))}.")


label_verb("import_directory", gettext_lazy("brought services into the directory"))


def export_file(file: Path) -> None:
    """Write the directory to the file as HSDS 3.0, without any confidential place."""
    with acting_as(WORKER):
        document = export_document()
        append("export_directory", "directory")
    try:
        file.write_text(to_json(document), encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{file} cannot be written ({error.strerror}).") from error
    print(f"{len(document['contents'])} organizations are in {file}, without any confidential place.")


label_verb("export_directory", gettext_lazy("took the directory along"))


def to_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

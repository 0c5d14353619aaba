"""What `make audit` says of each kind of report, as pip-audit 2.10 writes them."""

import pytest

from .audit import verdict

FINE = {"name": "good", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "2.0", "vulns": [{"id": "PYSEC-0000-1", "fix_versions": ["2.1"], "aliases": []}]}
UNMENDED = {"name": "old", "version": "3.0", "vulns": [{"id": "PYSEC-0000-2", "fix_versions": [], "aliases": []}]}
SILENT = {"name": "silent", "skip_reason": "Dependency not found on PyPI and could not be audited: silent (1.0)"}


@pytest.mark.parametrize(
    ("report", "words", "status"),
    [
        ([FINE, FINE], ["no known weakness in 2 packages"], 0),
        ([FINE, WEAK], ["weak 2.0: PYSEC-0000-1 (mended in 2.1)"], 1),
        ([UNMENDED, SILENT], ["old 3.0: PYSEC-0000-2 (not mended yet)", "no answer about silent"], 1),
        ([FINE, SILENT], ["no known weakness in 1 packages", "no answer about silent"], 2),
        ([SILENT, SILENT], ["nothing was audited", "run it where https://pypi.org can be reached"], 2),
    ],
)
def test_it_says_one_thing_and_is_green_only_if_all_is_known_and_well(report, words, status):
    sentence, code = verdict(report)
    assert code == status
    assert all(each in sentence for each in words)

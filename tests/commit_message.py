"""What git asks of a commit's message after `make hooks`: `python -m tests.commit_message FILE`."""

import sys
from pathlib import Path

LONGEST = 72  # signs of a subject
BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")  # git writes these itself


def faults_of(message: str) -> list[str]:
    """Return a sentence for each fault. Lines that begin with # are git's own."""
    subject, *body = [line.rstrip() for line in message.strip().splitlines() if not line.startswith("#")] or [""]
    if subject.startswith(BY_GIT):
        return []
    faults = []
    if not subject:
        faults.append("Say in the first line what changes, and for which users.")
    if len(subject) > LONGEST:
        faults.append(f"The subject has {len(subject)} signs, {LONGEST} at most.")
    if body and body[0]:
        faults.append("Leave a blank line after the subject.")
    if not any(body):
        faults.append("Say in the body why.")
    return faults


if __name__ == "__main__":
    found = faults_of(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(*found, sep="\n")
    sys.exit(bool(found))

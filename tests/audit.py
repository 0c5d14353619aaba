"""`make audit`: asks the package index about known weaknesses of what we ship, and says the answer in one sentence."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

AUDIT = [str(Path(sys.executable).parent / "pip-audit"), "--disable-pip", "--require-hashes", "--progress-spinner=off"]


def verdict(dependencies: list[dict[str, Any]]) -> tuple[str, int]:
    """Return one sentence on a report of pip-audit, and the exit status: 1 for a weakness, 2 for a missing answer."""
    weak = [it for it in dependencies if it.get("vulns")]
    silent = [it["name"] for it in dependencies if "skip_reason" in it]
    if weak:
        found = "; ".join(
            f"{it['name']} {it['version']}: {', '.join(_name(each) for each in it['vulns'])}" for it in weak
        )
        return f"known weaknesses in {found}.{_unanswered(silent)}", 1
    if len(silent) == len(dependencies):
        return (
            "nothing was audited. The package index that this machine reaches has no answers about weaknesses: "
            "run it where https://pypi.org can be reached.",
            2,
        )
    good = f"no known weakness in {len(dependencies) - len(silent)} packages.{_unanswered(silent)}"
    return good, 2 if silent else 0


def _unanswered(names: list[str]) -> str:
    return f" The index had no answer about {', '.join(names)}." if names else ""


def _name(weakness: dict[str, Any]) -> str:
    fixed = " or ".join(weakness["fix_versions"])
    return f"{weakness['id']} (mended in {fixed})" if fixed else f"{weakness['id']} (not mended yet)"


def main(requirements: str) -> None:
    done = subprocess.run(
        [*AUDIT, "--format=json", "--requirement", requirements], capture_output=True, text=True, check=False
    )
    if not done.stdout:
        print(done.stderr, file=sys.stderr)
        sys.exit("make audit: nothing was audited, because the package index did not answer.")
    sentence, status = verdict(json.loads(done.stdout)["dependencies"])
    print(f"make audit: {sentence}")
    sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1])

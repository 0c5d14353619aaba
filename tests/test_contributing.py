"""What CONTRIBUTING.md and its pages name is there: files, links, what can be made."""

import re
import subprocess
from pathlib import Path

import pytest

from .hotline import CHECKOUT

PAGES = [CHECKOUT / "CONTRIBUTING.md", CHECKOUT / "changes/README.md", *sorted(CHECKOUT.glob("docs/contributing/*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)\)")
CODE = re.compile(r"`([^`]+)`|^    (.*)$", re.MULTILINE)
OURS = ("amparo/", "tests/", "docs/", "changes/", "migrations/", "picklists.py", "models.py", "fields.py", "forms.py")


def missing(text: str, page: Path) -> list[str]:
    """Links, files and targets of `make` that a page names and that are nowhere. `<room>` and `…` stand for any."""
    targets = set(
        re.findall(r"^make ([a-z-]+)", subprocess.check_output(["make", "help"], cwd=CHECKOUT, text=True), re.M)
    )
    wrong = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    for code in ("".join(found) for found in CODE.findall(text)):
        made = re.match(r"make ([a-z-]+)", code)
        if made and made[1] not in targets:
            wrong.append(code)
        path = re.sub(r"<wing>/<room>|<\w+>", "*", code).replace("…", "**")
        if (
            code.startswith(OURS)
            and " " not in code
            and not (any(CHECKOUT.glob(path)) or any(CHECKOUT.glob(f"amparo/line/contacts/{path}")))
        ):
            wrong.append(code)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_is_there(page):
    assert len(CODE.findall(page.read_text())) > 3
    assert missing(page.read_text(), page) == []


@pytest.mark.parametrize("text", ["[x](nowhere.md)", "`amparo/nowhere.py`", "`make nothing`", "    make nothing"])
def test_the_control_what_is_nowhere_is_found(text):
    assert len(missing(text, PAGES[0])) == 1

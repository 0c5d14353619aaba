"""The threat model, written from the tests that prove it: `python -m tests.threats` writes docs/threat-model.md.

A promise is the first sentence of the modules `tests/test_promises/test_pNN_*.py`; the names of their tests are its
proof. A promise without a module must say in `NOT_YET` why, and one with a module must not: the page cannot lie.
"""

import ast
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "threat-model.md"
PROMISES = range(1, 23)
ELSEWHERE = {
    8: ["test_intake_goes_on.py"],
    22: ["test_a_chat_in_a_browser.py"],
}  # proofs of a promise outside the folder
NOT_YET: dict[int, str] = {}


@dataclass(frozen=True)
class Threat:
    who: str
    wants: str
    how: str
    defence: str
    promises: list[int]
    not_yet: str = ""


TABLE = tomllib.loads((HERE / "threats.toml").read_text())
THREATS, PLAINLY = [Threat(**row) for row in TABLE["threat"]], TABLE["plainly"]


def tests_of(path: Path) -> list[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = ast.parse(path.read_text()).body
    return [node.name for node in body if isinstance(node, functions) and node.name.startswith("test_")]


def modules_of(promise: int) -> list[Path]:
    found = sorted((HERE / "test_promises").glob(f"test_p{promise:02}_*.py"))
    return found + [HERE / name for name in ELSEWHERE.get(promise, [])]


def sentence_of(promise: int, modules: list[Path]) -> str:
    summaries = [
        " ".join((ast.get_docstring(ast.parse(it.read_text())) or "").split("\n\n")[0].split()) for it in modules
    ]
    begins = f"P{promise}: "
    return next(each.removeprefix(begins) for each in summaries if each.startswith(begins))


def promise(number: int) -> list[str]:
    modules = modules_of(number)
    if (number in NOT_YET) == bool(modules):
        raise SystemExit(f"P{number}: say in tests/threats.py why it has no test, or take that away now that it has.")
    if not modules:
        return [f"**P{number}** {NOT_YET[number]} *Not tested, not claimed.*", ""]
    proof = [f"`{path.relative_to(HERE.parent)}`: {', '.join(map(_words, tests_of(path)))}" for path in modules]
    return [f"**P{number}** {sentence_of(number, modules)}", "", *(f"- {line}" for line in proof), ""]


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def page() -> str:
    rows = [
        f"| T{n} | {t.who} | {t.wants} | {t.how} | {t.defence} | {_kept(t)} |" for n, t in enumerate(THREATS, start=1)
    ]
    return "\n".join(
        [
            "# Threat model",
            "",
            "Written by `python -m tests.threats` from the tests that prove it; `make check` refuses an old page.",
            "",
            "| | Who | wants | and how | What stands against it | Proof |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "## Promises, and the tests that keep them",
            "",
            *(line for number in PROMISES for line in promise(number)),
            "## What we do not protect against",
            "",
            *(f"- {each};" for each in PLAINLY),
            "",
            "A second site, a hardware key and a real power cut were not tried by these tests.",
            "",
        ]
    )


def _kept(threat: Threat) -> str:
    proof = ", ".join(f"P{n}" for n in threat.promises if n not in NOT_YET)
    return " ".join(filter(None, [proof or "none yet", threat.not_yet and f"({threat.not_yet})"]))


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    elif not PAGE.exists() or PAGE.read_text() != page():
        sys.exit("docs/threat-model.md is stale: type `python -m tests.threats`")

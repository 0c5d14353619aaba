"""Whatever is installed was checked against a hash that stands in the repository, the installer and the builder too."""

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT, LOCK = (tomllib.loads((ROOT / name).read_text()) for name in ("pyproject.toml", "uv.lock"))


def unchecked(lock: dict) -> list[str]:
    """The packages of a lock that somebody could exchange unseen."""
    ours = {"amparo", "amparo-estimation"}
    files = {it["name"]: [*it.get("wheels", []), it.get("sdist")] for it in lock["package"] if it["name"] not in ours}
    return [name for name, each in files.items() if not all("hash" in file for file in filter(None, each))]


def test_every_package_of_the_lock_has_its_hashes():
    assert len(LOCK["package"]) > 50
    assert unchecked(LOCK) == []
    assert unchecked({"package": [{"name": "x", "wheels": [{"url": "u"}]}]}) == ["x"]  # the control


def test_what_builds_amparo_is_locked_and_used():
    estimation = tomllib.loads((ROOT / "estimation/pyproject.toml").read_text())
    for required in {*PROJECT["build-system"]["requires"], *estimation["build-system"]["requires"]}:
        name, version = required.split("==")
        assert [it["version"] for it in LOCK["package"] if it["name"] == name] == [version]
        assert required in PROJECT["dependency-groups"]["build"]
    assert "build" in PROJECT["tool"]["uv"]["default-groups"]
    # else another one is fetched at each build
    built_here = [it["name"] for it in LOCK["package"] if not it.get("wheels")]
    assert (
        PROJECT["tool"]["uv"]["no-build-isolation-package"] == built_here == ["amparo", "amparo-estimation", "pyspark"]
    )


def test_uv_is_installed_by_its_hashes():
    (install,) = re.findall(r"pip install .*", (ROOT / "Makefile").read_text())
    assert install.endswith("--require-hashes --only-binary :all: -r deploy/uv.txt")
    assert re.search(r"^uv==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", (ROOT / "deploy/uv.txt").read_text(), re.MULTILINE)


def of_the_extra(source: str) -> set[str]:
    """The packages that a module imports, though only the extra `estimation` brings them."""
    estimation = tomllib.loads((ROOT / "estimation/pyproject.toml").read_text())["project"]["dependencies"]
    required, extra = (
        {re.split("[=<>\\[ ]", it)[0] for it in each} for each in (PROJECT["project"]["dependencies"], estimation)
    )
    nodes = list(ast.walk(ast.parse(source)))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level]
    return {name.split(".")[0] for name in names} & (extra - required)


def test_amparo_needs_no_package_of_the_extra():
    """Crossed tables and the plan of shifts are solved by highspy, which every installation has."""
    modules = [path for path in (ROOT / "amparo").rglob("*.py") if "tests" not in path.parts]
    assert [str(path) for path in modules if of_the_extra(path.read_text())] == []
    assert of_the_extra("def f():\n    from scipy.optimize import milp") == {"scipy"}  # the control


def installed_with(*extras: str) -> set[str]:
    """The packages that an installation of Amparo with these extras has, by the lock."""
    packages = {it["name"]: it for it in LOCK["package"]}
    found, waiting = set(), [("amparo", extra) for extra in ("", *extras)]
    while waiting:
        if (each := waiting.pop()) in found:
            continue
        found.add(each)
        package, extra = packages[each[0]], each[1]
        needs = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
        waiting += [(it["name"], name) for it in needs for name in ("", *it.get("extra", []))]
    return {name for name, _extra in found}


def test_the_demonstration_installs_nothing_that_estimates_alone_need():
    of_estimates = {"amparo-estimation", "scipy", "numba", "llvmlite"}
    assert installed_with() & of_estimates == set()
    assert of_estimates <= installed_with("estimation")  # the control
    makefile = (ROOT / "Makefile").read_text()
    (runs,), (works,) = (re.findall(rf"^{name} = (.*)", makefile, re.MULTILINE) for name in ("RUNS", "WORKS"))
    assert "extra" not in re.sub(r"\$\(if \$\(wildcard .venv/estimation\),--extra estimation\)|#.*", "", runs)
    assert "--all-extras" in works  # so `make test` tests estimation, too

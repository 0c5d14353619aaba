"""The notebook runs from its first cell to its last, and what its text says is what its cells print."""

import ast
import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from amparo_estimation.drawing import format_number

NOTEBOOK = Path(__file__).parents[2] / "notebook.ipynb"


def run(cells: list[dict[str, Any]]) -> tuple[str, list[Any], dict[str, Any]]:
    """Run the code cells one after the other, as Jupyter does.

    Returns what they printed, the values of last lines that are shown, and the names that are left.
    """
    names: dict[str, Any] = {}
    shown = []
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for cell in cells:
            if cell["cell_type"] != "code":
                continue
            body = ast.parse("".join(cell["source"])).body
            last = body.pop() if isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), cell["id"], "exec"), names)
            if last:
                shown.append(eval(compile(ast.Expression(last.value), cell["id"], "eval"), names))
    return printed.getvalue(), [it for it in shown if it is not None], names


@pytest.fixture(scope="module")
def notebook() -> dict[str, Any]:
    return json.loads(NOTEBOOK.read_text())


def test_it_runs_and_prints_what_its_text_says(notebook: dict[str, Any]):
    printed, shown, names = run(notebook["cells"])
    assert "2744 people observed" in printed
    made = names["made"]
    assert [round(it.point) for it in made.results[:2]] == [11313, 22991]
    assert names["low"] < names["can_be_seen"] < names["high"] < 0.8 * 10_000  # the truth that no list could see
    points = [float(line.split(":")[1]) for line in printed.splitlines() if "matches missed" in line]
    assert points == sorted(points)
    assert points[-1] > 1.05 * points[0]
    assert "Netherlands: R-hat" in printed
    assert "No estimate" in printed
    (report,) = shown
    page = report._repr_html_()
    assert page.startswith("<iframe ")
    assert format_number(22991) in page
    assert page.count("&lt;svg") >= 5


def test_it_carries_no_output_and_has_the_shape_of_its_format(notebook: dict[str, Any]):
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"]) > 15
    for cell in notebook["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        assert set(cell) == (keys | {"execution_count", "outputs"} if cell["cell_type"] == "code" else keys)
        assert not cell.get("outputs")


def test_the_control_a_cell_that_fails_fails():
    with pytest.raises(NameError):
        run([{"cell_type": "code", "id": "x", "source": ["missing + 1"]}])

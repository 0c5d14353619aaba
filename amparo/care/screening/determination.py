"""The legal test: do the recorded answers point to trafficking in persons? It is never a verdict on a person.

Palermo Protocol art. 3; Peru's Penal Code art. 129-A, which adds retention as a sixth act (Ley 31146, 2021).
"""

from amparo.care.people.picklists import Age

from .picklists import Element, Known, Result


def elements_for(age: Age) -> tuple[Element, ...]:
    """Return the elements that the test needs. The means are not needed for a child or while the age is unknown."""
    return tuple(Element) if age == Age.ADULT else (Element.ACT, Element.PURPOSE)


def determine(elements: dict[Element, Known], age: Age) -> Result:
    """Apply the test. `elements` maps each element to its answer; a missing element counts as not asked."""
    answers = [elements.get(element, Known.NOT_ASKED) for element in elements_for(age)]
    if Known.NO in answers:
        return Result.NOT_INDICATED
    if all(answer == Known.YES for answer in answers):
        return Result.POSSIBLE_VICTIM
    return Result.INSUFFICIENT_INFORMATION


def element_of(answers: dict[str, Known], ruled_out: bool = False) -> Known:
    """Combine the answers to the items of one element. One yes is enough; only `ruled_out` makes the element a no.

    If every item is answered no, the element is still open: it may be present in a form that nobody asked about.
    """
    if Known.YES in answers.values():
        return Known.YES
    if ruled_out:
        return Known.NO
    return Known.UNKNOWN if Known.UNKNOWN in answers.values() else Known.NOT_ASKED

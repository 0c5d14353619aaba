"""The legal test: do the recorded answers point to trafficking in persons? It is never a verdict on a person.

Palermo Protocol art. 3 lists five acts. Peru's Penal Code has retention beside them: art. 129-A, which was art. 153
until Ley 31146 (2021) moved it. The text of 2014 (Ley 30251) had retention already.
"""

from amparo.care.people.picklists import Age

from .picklists import Answer, Element, Result


def required_elements(age: Age) -> tuple[Element, ...]:
    """Return the elements that the test needs. The means are not needed for a child or while the age is unknown."""
    return tuple(Element) if age == Age.ADULT else (Element.ACT, Element.PURPOSE)


def determine(elements: dict[Element, Answer], age: Age) -> Result:
    """Apply the test. `elements` maps each element to its answer; a missing element counts as not asked."""
    answers = [elements.get(element, Answer.NOT_ASKED) for element in required_elements(age)]
    if Answer.NO in answers:
        return Result.NOT_INDICATED
    if all(answer == Answer.YES for answer in answers):
        return Result.POSSIBLE_VICTIM
    return Result.INSUFFICIENT_INFORMATION


def combine_answers(answers: dict[str, Answer], ruled_out: bool = False) -> Answer:
    """Return what the answers to the items of one element say about the element: one yes is enough.

    Only `ruled_out` makes it a no. If every item is answered no, the element is still open: it may be present in a form
    that nobody asked about.
    """
    if Answer.YES in answers.values():
        return Answer.YES
    if ruled_out:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in answers.values() else Answer.NOT_ASKED

"""A number that an operator calls back."""


def test_a_call_back_reaches_an_invented_person(called_back):
    assert called_back.direction == "outgoing"
    assert called_back.state == "talking"


def test_and_the_operator_hears_them(called_back):
    assert called_back.recognised

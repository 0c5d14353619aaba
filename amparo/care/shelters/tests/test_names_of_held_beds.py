"""A held bed is named on its case by the house and its beds, whatever signs the house's name has."""

from amparo.care.cases.requests_sent import requests_sent
from amparo.care.shelters.models import House
from amparo.foundation.core.actor import acting_as


def test_a_name_with_a_full_stop_stands_there_to_its_end(reserved, case, ana, now):
    House.objects.filter(pk=reserved.house_id).update(code_name="Casa Sta. Inventada")
    with acting_as(ana.acting()):
        [sent] = requests_sent(case, now)
    assert sent.name == "Casa Sta. Inventada: 1"

"""Public holidays come from a library whose import takes a tenth of a second: only a page that shows days pays it."""

import subprocess
import sys
from datetime import date

from amparo.foundation.core.public_holidays import holidays_among

SHOW = "import sys; import amparo.foundation.core.public_holidays; print('holidays' in sys.modules)"


def test_a_process_starts_without_the_calendars_of_all_countries():
    command = [sys.executable, "-c", SHOW]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_independence_day_is_found_and_the_day_before_is_not():
    assert list(holidays_among([date(2026, 7, 27), date(2026, 7, 28)])) == [date(2026, 7, 28)]

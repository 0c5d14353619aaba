"""A service answers while the referral is cancelled: one comes first, and the other is refused."""

import pytest

from amparo.care.referrals.by_link import answer_by_link
from amparo.care.referrals.models import ReferralEvent
from amparo.care.referrals.picklists import ReferralEventKind
from amparo.care.referrals.rules import cancel_referral, issue_link, link_actor, refer
from amparo.foundation.core.refusal import Refused
from tests.in_that_moment import second_while

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def doing(service, permits, person, ana, now):
    """Cancel the referral, and accept it by the link: each on its own connection."""
    permits()
    sent = refer(person, service, facts="invented", by=ana, now=now)
    link = link_actor(issue_link(sent, by=ana, now=now))
    return (
        lambda: cancel_referral(sent, why="invented", by=ana, now=now),
        lambda: answer_by_link(link, ReferralEventKind.ACCEPTED, why_not=None, words="", now=now),
    )


def kinds() -> list[str]:
    return sorted(ReferralEvent.objects.values_list("kind", flat=True))


def test_what_is_cancelled_is_accepted_by_nobody(doing):
    calls_off, accepts = doing
    (refusal,) = second_while(calls_off, accepts)
    assert isinstance(refusal, Refused)
    assert kinds() == ["cancelled"]


def test_what_was_accepted_a_moment_before_is_cancelled_after_it(doing):
    calls_off, accepts = doing
    (turn,) = second_while(accepts, calls_off)
    assert isinstance(turn, ReferralEvent)
    assert kinds() == ["accepted", "cancelled"]

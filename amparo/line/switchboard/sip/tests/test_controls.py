"""Positive controls: with the mechanism taken out, the probes notice."""

import asyncio

import pytest

from amparo.line.switchboard.sip import invitation, transaction
from amparo.line.switchboard.sip.endpoint import Endpoint

from .relay import DOWN
from .test_lost_datagrams import test_a_call_of_ours_survives_losing as survives
from .test_lost_datagrams import test_a_call_to_us_survives_losing as survives_called
from .test_races_and_copies import test_copies_of_an_invite_make_one_call as makes_one_call

NOTICED = (AssertionError, TimeoutError)
ENOUGH = 1  # second; with the mechanism in place the probes take a quarter of that


async def test_without_repeats_a_lost_invite_is_noticed(switchboard, phone, operator, monkeypatch):
    monkeypatch.setattr(transaction.Transaction, "_repeat", lambda self, data, delay, cap: None)
    with pytest.raises(NOTICED):
        await asyncio.wait_for(survives(DOWN, "INVITE", 1, "caller", switchboard, phone, operator), ENOUGH)


async def test_without_repeats_a_lost_answer_is_noticed(switchboard, phone, monkeypatch):
    """The caller's copy of the INVITE would cover for us, so it is taken out too."""
    monkeypatch.setattr(transaction.Transaction, "_repeat", lambda self, data, delay, cap: None)
    monkeypatch.setattr(transaction.ServerTransaction, "receive_copy", lambda self: None)
    with pytest.raises(NOTICED):
        await asyncio.wait_for(survives_called(DOWN, "200/INVITE", 1, switchboard, phone), ENOUGH)


async def test_without_the_second_ack_a_lost_one_is_noticed(switchboard, phone, operator, monkeypatch):
    monkeypatch.setattr(invitation.Invitation, "_accept", forget_copies(invitation.Invitation._accept))
    with pytest.raises(NOTICED):
        await asyncio.wait_for(survives(DOWN, "ACK", 1, "caller", switchboard, phone, operator), ENOUGH)


def forget_copies(accept):
    return lambda self, response: None if self._acks else accept(self, response)


async def test_without_recognition_copies_are_noticed(switchboard, phone, monkeypatch):
    receive = Endpoint._receive_request

    def as_if_new(self, request, source):
        if request.method == "INVITE":
            self.servers.clear()
            self.unanswered.clear()
        receive(self, request, source)

    monkeypatch.setattr(Endpoint, "_receive_request", as_if_new)
    with pytest.raises(NOTICED):
        await asyncio.wait_for(makes_one_call(switchboard, phone), ENOUGH)

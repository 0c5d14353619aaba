"""Who hears whom, proven by tone: two legs, three, and every change between."""

import asyncio
import random
from itertools import combinations

import pytest

from ..conversation import Audibility, Conversation
from ..g711 import FRAME, SILENCE
from ..rtp import PCMA, PCMU, RtpLeg
from ..tones import tone
from .telephone import Telephone, is_silent, strength, talk, ticks, tones_in


@pytest.fixture
async def call(clock, ports):
    """Calls us from a new telephone that says a tone; answers telephone and leg."""
    phones, legs = [], []

    async def call(hz, law=PCMU):
        leg = await RtpLeg.open(clock, ports, "127.0.0.1")
        legs.append(leg)
        phones.append(await Telephone.call(leg, hz, payload_type=law))
        return phones[-1], leg

    yield call
    for phone, leg in zip(phones, legs, strict=True):
        leg.close()
        phone.transport.close()
    await ticks(clock, 1)
    assert ports.taken_count == 0
    assert clock.subscriber_count == 0  # no mixer or sound stays behind


@pytest.fixture
def conversation(clock):
    return Conversation(clock)


async def heard_by(clock, *phones):
    for phone in phones:
        phone.forget()
    await talk(clock, *phones)
    return [tones_in(phone.heard) for phone in phones]


@pytest.mark.parametrize("laws", [(PCMU, PCMU), (PCMU, PCMA), (PCMA, PCMA)])
async def test_two_hear_each_other_in_either_law(clock, call, conversation, laws):
    (ana, a), (rosa, b) = await call(440, laws[0]), await call(1000, laws[1])
    conversation.add(a)
    conversation.add(b)
    assert await heard_by(clock, ana, rosa) == [{1000}, {440}]
    assert 8000 < strength(ana.heard, 1000) < 10000
    assert len(ana.loud_frames) == len(rosa.loud_frames) == 12  # the relay neither loses nor invents


async def test_connected_but_silent_fails_the_check(clock, call, conversation):
    """Positive control of the ear: a perfect connection without sound is no conversation."""
    (ana, a), (mute, b) = await call(440), await call(None)
    conversation.add(a)
    conversation.add(b)
    assert await heard_by(clock, ana, mute) == [set(), {440}]
    assert 12 <= len(ana.frames) <= 14  # and the first silence of the pause after it


async def test_one_alone_hears_silence_and_may_be_played_to(clock, call, conversation):
    ana, a = await call(440)
    conversation.add(a)
    assert await heard_by(clock, ana) == [set()]
    assert ana.packets
    assert ana.loud_frames == []
    await a.play(tone(300, 0.2))
    await ticks(clock, 1)
    assert tones_in(ana.heard) == {300}


async def test_three_hear_exactly_the_two_others_and_two_go_on_when_one_leaves(clock, call, conversation):
    (ana, a), (rosa, b), (luz, c) = await call(440), await call(1000), await call(1500, PCMA)
    for leg in (a, b, c):
        conversation.add(leg)
    assert await heard_by(clock, ana, rosa, luz) == [{1000, 1500}, {440, 1500}, {440, 1000}]
    conversation.remove(b)
    await ticks(clock, 2)
    assert await heard_by(clock, ana, rosa, luz) == [{1500}, set(), {440}]
    assert rosa.loud_frames == []
    assert b.sink is None
    c.close()  # a leg that ends leaves by itself
    assert conversation.legs == (a,)
    assert a.sink is None


async def test_every_pair_among_five_hears_each_other(clock, call, conversation):
    parties = [await call(hz) for hz in (300, 440, 660, 1000, 1500)]
    for _, leg in parties:
        conversation.add(leg)
    everything = {300, 440, 660, 1000, 1500}
    heard = await heard_by(clock, *[phone for phone, _ in parties])
    assert heard == [everything - {hz} for hz in (300, 440, 660, 1000, 1500)]


async def test_a_supervisor_who_listens_is_not_heard(clock, call, conversation):
    (ana, a), (rosa, b), (boss, c) = await call(440), await call(1000), await call(1500)
    conversation.add(a)
    conversation.add(b)
    conversation.add(c, Audibility.SILENT)
    assert await heard_by(clock, ana, rosa, boss) == [{1000}, {440}, {440, 1000}]
    assert c.sink is None
    conversation.add(c, Audibility.ALOUD)  # she joins
    assert await heard_by(clock, ana, rosa, boss) == [{1000, 1500}, {440, 1500}, {440, 1000}]
    conversation.add(c, Audibility.SILENT)
    conversation.remove(b)
    await ticks(clock, 2)
    assert await heard_by(clock, ana, rosa, boss) == [set(), set(), {440}]


async def test_a_whisper_is_heard_by_who_is_inside_and_not_by_who_is_outside(clock, call, conversation):
    (caller, a), (ana, b), (interpreter, c), (boss, d) = [await call(hz) for hz in (440, 1000, 660, 1500)]
    conversation.add(a, is_outside=True)
    conversation.add(b)
    conversation.add(c, is_outside=True)
    conversation.add(d, Audibility.WHISPER)
    heard = await heard_by(clock, caller, ana, interpreter, boss)
    assert heard == [{1000, 660}, {440, 660, 1500}, {440, 1000}, {440, 660, 1000}]
    conversation.add(d, Audibility.ALOUD)
    heard = await heard_by(clock, caller, ana, interpreter, boss)
    assert heard == [{1000, 660, 1500}, {440, 660, 1500}, {440, 1000, 1500}, {440, 660, 1000}]


async def test_a_whisper_to_nobody_inside_is_heard_by_nobody(clock, call, conversation):
    """The operator's page is being loaded anew: the caller and the whispering supervisor are two."""
    (caller, a), (ana, b), (boss, c) = await call(440), await call(1000), await call(1500)
    conversation.add(a, is_outside=True)
    conversation.add(b)
    conversation.add(c, Audibility.WHISPER)
    conversation.remove(b)
    await ticks(clock, 2)
    assert await heard_by(clock, caller, boss) == [set(), {440}]
    conversation.add(b)
    assert await heard_by(clock, caller, ana, boss) == [{1000}, {440, 1500}, {440, 1000}]


async def test_mute_silences_one_and_keeps_the_cadence(clock, call, conversation):
    (ana, a), (rosa, b) = await call(440), await call(1000)
    conversation.add(a)
    conversation.add(b)
    a.muted = True
    assert await heard_by(clock, ana, rosa) == [{1000}, set()]
    assert rosa.frames in ([SILENCE] * count for count in (12, 13, 14))
    a.muted = False
    assert await heard_by(clock, ana, rosa) == [{1000}, {440}]


async def test_hold_covers_the_conversation_for_the_held_party_only(clock, call, conversation):
    (ana, a), (rosa, b) = await call(440), await call(1000)
    conversation.add(a)
    conversation.add(b)
    hold = asyncio.create_task(a.play(tone(660, 1), loop=True))
    await ticks(clock, 1)
    assert await heard_by(clock, ana, rosa) == [{660}, {440}]
    a.stop_playing()
    assert await hold is False
    assert await heard_by(clock, ana, rosa) == [{1000}, {440}]


async def test_a_leg_moves_when_added_to_another_conversation(clock, call, conversation):
    """A warm transfer: the caller goes from one operator to the next."""
    (caller, a), (first, b), (second, c) = await call(440), await call(1000), await call(1500)
    consultation = Conversation(clock)
    conversation.add(a)
    conversation.add(b)
    consultation.add(c)
    consultation.add(a)
    assert conversation.legs == (b,)
    assert await heard_by(clock, caller, first, second) == [{1500}, set(), {440}]
    assert first.loud_frames == []
    conversation.remove(a)  # too late, and harmless
    assert a.conversation is consultation
    assert await heard_by(clock, caller, second) == [{1500}, {440}]


async def test_changes_of_membership_lose_at_most_two_frames(clock, call, conversation):
    (ana, a), (_, b), (rosa, c) = await call(None), await call(None), await call(None)
    conversation.add(a)
    conversation.add(c)
    dice = random.Random(6)
    frames = [dice.randbytes(FRAME) for _ in range(60)]
    for number, frame in enumerate(frames):
        if number % 10 == 5:
            conversation.add(b)
        if number % 10 == 9:
            conversation.remove(b)
        ana.send(frame)
        await ticks(clock, 1)
    await ticks(clock, 5)
    # Through the mixer, the sum of one voice and silence is that voice but for the sign of zero.
    heard = {frame.replace(b"\x7f", b"\xff") for frame in rosa.frames}
    lost = [frame for frame in frames if frame.replace(b"\x7f", b"\xff") not in heard]
    assert len(lost) <= 12


async def test_any_order_of_coming_and_going_leaves_the_right_sinks(clock, call, conversation):
    legs = [(await call(None))[1] for _ in range(4)]
    dice = random.Random(5)
    for _ in range(300):
        leg = dice.choice(legs)
        dice.choice([conversation.add, conversation.remove])(leg)
        inside = set(conversation.legs)
        assert all((each.conversation is conversation) == (each in inside) for each in legs)
        assert all((each.sink is not None) == (each in inside and len(inside) > 1) for each in legs)
        if len(inside) == 2:
            assert all(one.sink == other.send and other.sink == one.send for one, other in combinations(inside, 2))
        assert clock.subscriber_count == (len(inside) > 2)


async def test_a_leg_that_fails_does_not_silence_the_others(clock, call, conversation, monkeypatch, caplog):
    parties = [await call(hz) for hz in (440, 1000, 1500)]
    for _, leg in parties:
        conversation.add(leg)
    broken = parties[2][1]
    monkeypatch.setattr(broken, "send", lambda frame: 1 / 0)
    await ticks(clock, 2)
    phones = [phone for phone, _ in parties]
    assert (await heard_by(clock, *phones))[:2] == [{1000}, {440}]
    assert len(caplog.records) == 1


async def test_the_mixer_bounds_the_delay_of_a_burst(clock, call, conversation):
    parties = [await call(None) for _ in range(3)]
    for _, leg in parties:
        conversation.add(leg)
    ana = parties[0][0]
    rosa = parties[1][0]
    rosa.forget()
    for _ in range(40):
        ana.send(tone(440, 0.02))
    await ticks(clock, 12)
    loud = [frame for frame in rosa.frames if not is_silent(frame)]
    assert 1 <= len(loud) <= 7


async def test_a_closed_leg_may_not_join(clock, call, conversation):
    _, leg = await call(None)
    leg.close()
    with pytest.raises(ValueError, match="closed"):
        conversation.add(leg)


async def test_closing_a_conversation_frees_its_legs(clock, call, conversation):
    legs = [(await call(None))[1] for _ in range(3)]
    for leg in legs:
        conversation.add(leg)
    conversation.close()
    assert all(leg.sink is None and leg.conversation is None for leg in legs)
    assert clock.subscriber_count == 0

"""Hold, resume, and other offers within a call; requests that belong to no call."""

import pytest

from amparo.line.switchboard.sip import CallFailed, Sdp

from .texts import direction, eventually, sdp, status, value


async def test_hold_and_resume_from_either_side(switchboard, phone, operator):
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    assert direction(await phone.reinvite(call, sdp("sendonly", version=2))) == "recvonly"
    assert switchboard.holds == 1
    assert direction(await phone.reinvite(call, sdp("sendrecv", version=3))) == "sendrecv"
    assert direction(await operator.reinvite(leg, sdp("inactive", version=2))) == "inactive"
    assert switchboard.holds == 2
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_the_version_of_our_description_grows_with_each_change(phone):
    def version(text):
        return int(text.partition("o=- ")[2].split()[1])

    call = await phone.dial("ivr")
    first = version(call.final)
    answer = await phone.reinvite(call, sdp("sendonly", version=2))
    again = await phone.reinvite(call, sdp("sendonly", version=2))
    assert (version(answer), version(again)) == (first + 1, first + 1)


async def test_an_invite_without_an_offer_gets_ours_and_answers_in_the_ack(switchboard, phone):
    call = await phone.dial("ivr", body="")
    assert call.code == 200
    assert "m=audio 41000 RTP/AVP 0 8 101" in call.final
    await eventually(lambda: switchboard.late_answers)
    assert switchboard.late_answers[0].port == 40_000
    assert await phone.bye(call) == 200


async def test_an_ack_without_the_answer_ends_the_call(switchboard, phone):
    phone.acknowledges = False
    call = await phone.dial("ivr", body="")
    phone.send(phone.request("ACK", call, call.seq))
    await eventually(lambda: call.byes == 1 and switchboard.is_idle)


async def test_a_reinvite_without_an_offer_gets_ours(switchboard, phone):
    call = await phone.dial("ivr")
    answer = await phone.reinvite(call, "")
    assert status(answer) == 200
    assert "m=audio 41000" in answer
    await eventually(lambda: switchboard.late_answers)
    assert await phone.bye(call) == 200


async def test_an_unusable_reoffer_is_refused_and_the_call_goes_on(switchboard, phone):
    call = await phone.dial("ivr")
    for unusable in (sdp(formats="18"), sdp().replace("RTP/AVP", "RTP/SAVP"), sdp().replace("127.0.0.1", "a.example")):
        assert status(await phone.reinvite(call, unusable)) == 488
    assert switchboard.seen[0].is_up
    assert status(await phone.reinvite(call)) == 200
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_a_refused_offer_of_ours_leaves_the_call_as_it_was(switchboard, phone, operator):
    call = await phone.dial("bob")
    leg = await operator.arrived.get()
    operator.reinvite_code = 488
    (ours,) = switchboard.operators
    with pytest.raises(CallFailed, match="488"):
        await ours.reinvite(Sdp("127.0.0.1", 43_000))
    assert ours.is_up
    assert "m=audio 42000" in await operator.reinvite(leg)
    assert await phone.bye(call) == 200


async def test_an_offer_that_is_unusable_is_refused(phone):
    for unusable in (sdp(formats="18"), sdp().replace("RTP/AVP", "RTP/SAVP"), "v=0\r\n"):
        assert (await phone.dial("ivr", body=unusable)).code == 488


async def test_a_video_line_beside_the_audio_is_refused_with_port_0(phone):
    call = await phone.dial("ivr", body=sdp() + "m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")
    assert call.code == 200
    assert [line for line in call.final.splitlines() if line.startswith("m=")] == [
        "m=audio 41000 RTP/AVP 0 101",
        "m=video 0 RTP/AVP 0",
    ]


async def test_unexpected_requests_get_the_right_error(switchboard, phone):
    call = await phone.dial("ivr")
    stranger = phone.new_call("ivr")
    stranger.remote, stranger.call_id = call.remote + "x", call.call_id
    assert status(await phone.ask("BYE", stranger, 9)) == 481
    thief = phone.new_call("ivr")  # knows our tag and the Call-ID, not the caller's tag
    thief.remote, thief.call_id = call.remote, call.call_id
    phone.calls[call.call_id] = call
    assert status(await phone.ask("BYE", thief, 9)) == 481
    assert status(await phone.ask("INFO", call, 0)) == 500
    assert status(await phone.ask("MESSAGE", call, 5)) == 405
    assert status(await phone.ask("INFO", call, 6)) == 200
    call.seq = 6
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_requests_outside_calls_get_the_right_error(phone):
    async def ask(name, extra="", target=None):
        call = phone.new_call("ivr")
        call.target = target or call.target
        return await phone.ask(name, call, 1, extra)

    refused = await ask("INVITE", "Require: nosuchthing, timer")
    assert (status(refused), value(refused, "Unsupported")) == (420, "nosuchthing")
    options = await ask("OPTIONS")
    assert (status(options), value(options, "Accept")) == (200, "application/sdp")
    assert status(await ask("FOOBAR")) == 405
    assert status(await ask("BYE")) == 481
    assert status(await ask("INVITE", "Max-Forwards: 0")) == 483
    assert status(await ask("INVITE", target="mailto:ana@example.org")) == 416

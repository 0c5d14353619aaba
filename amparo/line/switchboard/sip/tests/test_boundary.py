"""The switchboard is a wall between caller and operator, and strangers' words stay out of logs."""

import logging
import re

from .texts import eventually, sdp

NUMBER, NAME, CALLER_ADDRESS = "51987654321", "Rosa Quispe", "203.0.113.77"


async def test_the_operators_leg_shows_nothing_of_the_caller(switchboard, phone, operator):
    call = phone.new_call("bob", caller=NUMBER)
    call.local = call.local.replace("<", f'"{NAME}" <', 1)
    body = sdp().replace("o=- 1 1 IN IP4 127.0.0.1", f"o={NUMBER} 77777 88888 IN IP4 {CALLER_ADDRESS}")
    secrets = f"P-Asserted-Identity: <sip:{NUMBER}@trunk.invalid>\nUser-Agent: {NAME}\nSubject: {NAME}"
    await phone.invite(call, body=body, extra=secrets)
    assert call.code == 200
    (incoming,) = switchboard.seen
    assert (incoming.origin.caller, incoming.origin.dialled) == (NUMBER, "bob")
    assert (incoming.origin.host, incoming.origin.port) == phone.relay.far_address
    await phone.reinvite(call, body.replace("sendrecv", "sendonly"))
    await phone.bye(call)
    await eventually(lambda: switchboard.is_idle and len(operator.log) >= 3)
    heard = "\n".join(operator.log)
    assert "anonymous@anonymous.invalid" in heard
    tag = re.search(r"tag=(\w+)", call.local)[1]
    for secret in (NUMBER, NAME, CALLER_ADDRESS, "77777", "88888", call.call_id, tag, phone.address):
        assert secret not in heard


async def test_no_log_and_no_repr_tells_who_calls(switchboard, phone, operator, caplog):
    caplog.set_level(logging.DEBUG)
    switchboard.routes["nowhere"] = ("127.0.0.1", 0)
    for user in ("bob", "nowhere", "unknown", "ivr"):
        call = phone.new_call(user, caller=NUMBER)
        await phone.invite(call)
        if call.code == 200:
            await phone.bye(call)
    phone.send(phone.request("INVITE", phone.new_call("ivr", caller=NUMBER), 1).replace("CSeq: 1 ", "CSeq: x "))
    await eventually(lambda: switchboard.agent.endpoint.malformed == 1)
    messages = [record.getMessage() for record in caplog.records if record.name.startswith(("amparo", "aiosipua"))]
    shown = [repr(switchboard.seen[0]), repr(switchboard.seen[0].origin), repr(switchboard.seen[0].dialog)]
    assert messages  # the send that failed
    for text in (*messages, *shown):
        assert NUMBER not in text
        assert "127.0.0.1" not in text


async def test_a_fault_of_ours_is_logged_without_their_words(switchboard, phone, caplog):
    def broken(call):
        raise ValueError(f"cannot serve {call.origin.caller}")

    switchboard.agent.on_call = broken
    call = phone.new_call("ivr", caller=NUMBER)
    await phone.invite(call)
    assert call.code == 500
    assert not switchboard.agent.calls
    (record,) = [record for record in caplog.records if record.name.startswith("amparo")]
    assert "ValueError at" in record.getMessage()
    assert "broken" in record.getMessage()
    assert NUMBER not in caplog.text

"""Being a trunk's customer: we register there, and prove who we are when we call."""

import asyncio

import pytest

from amparo.line.switchboard.sip import CallFailed, Credentials, Registration, Sdp, registration

from .digest_by_hand import is_right
from .texts import eventually, method, seq, status, value

CHALLENGE = 'Digest realm="trunk", nonce="abc", qop="auth,auth-int", opaque="o", algorithm=MD5'
WITHOUT_QOP = 'Digest realm="trunk", nonce="abc"'


@pytest.fixture
def trunk(operator, switchboard):
    switchboard.credentials = Credentials("amparo", "geheim")
    operator.answers_by_itself = False
    return operator


@pytest.mark.parametrize("challenge", [CHALLENGE, WITHOUT_QOP])
@pytest.mark.parametrize("code", [401, 407])
async def test_a_challenged_call_is_placed_again_with_proof(code, challenge, phone, trunk):
    header, given = (
        ("WWW-Authenticate", "Authorization") if code == 401 else ("Proxy-Authenticate", "Proxy-Authorization")
    )
    calling = asyncio.create_task(phone.dial("bob"))
    first = await trunk.arrived.get()
    assert not value(first.invite, given)
    trunk.refuse(first, code, f"{header}: {challenge}")
    second = await trunk.arrived.get()
    assert is_right(value(second.invite, given), "amparo", "geheim", second.invite)
    assert (second.call_id, seq(second.invite)) == (first.call_id, seq(first.invite) + 1)
    trunk.take(second)
    call = await calling
    assert call.code == 200
    await phone.bye(call)


async def test_a_trunk_may_challenge_the_bye_too(phone, trunk, switchboard):
    calling = asyncio.create_task(phone.dial("bob"))
    leg = await trunk.arrived.get()
    trunk.take(leg)
    call = await calling
    byes = []

    def challenge_first(text):
        byes.append(text)
        code, extra = (407, f"Proxy-Authenticate: {CHALLENGE}") if len(byes) == 1 else (200, "")
        return trunk.response(text, code, leg, extra=extra)

    trunk.serves["BYE"] = challenge_first
    await phone.bye(call)
    await eventually(lambda: len(byes) == 2)
    assert is_right(value(byes[1], "Proxy-Authorization"), "amparo", "geheim", byes[1])


async def test_a_trunk_that_does_not_believe_us_is_asked_once(phone, trunk, switchboard):
    calling = asyncio.create_task(phone.dial("bob"))
    for _ in range(2):
        trunk.refuse(await trunk.arrived.get(), 407, f"Proxy-Authenticate: {CHALLENGE}")
    assert (await calling).code == 407
    assert trunk.arrived.empty()
    await eventually(lambda: switchboard.is_idle)


@pytest.mark.parametrize("challenge", ["Basic realm=x", 'Digest realm="x", nonce="n", algorithm=ROT13', "Digest ,,=,"])
async def test_a_challenge_we_cannot_answer_is_a_failed_call(challenge, phone, trunk):
    calling = asyncio.create_task(phone.dial("bob"))
    trunk.refuse(await trunk.arrived.get(), 407, f"Proxy-Authenticate: {challenge}")
    assert (await calling).code == 407


async def test_an_unusable_answer_ends_the_call_with_488(switchboard, trunk):
    peer = switchboard.agent.peer(*trunk.relay.far_address)
    dialling = asyncio.create_task(
        switchboard.agent.dial("sip:bob@b.invalid", peer, Sdp("127.0.0.1", 42_000), caller="sip:a@b.invalid")
    )
    leg = await trunk.arrived.get()
    leg.state = "up"
    trunk._finish(leg, leg.invite, trunk.response(leg.invite, 200, leg, "v=0\r\nm=audio 1 RTP/SAVP 0\r\n"))
    with pytest.raises(CallFailed, match="488"):
        await dialling
    await eventually(lambda: leg.is_acked and leg.byes == 1)
    assert switchboard.is_idle


class TrunkRegistrar:
    """Challenges each new nonce once, grants `seconds`."""

    def __init__(self, trunk, seconds):
        self.trunk, self.seconds, self.seen = trunk, seconds, []

    def __call__(self, text):
        self.seen.append(text)
        proof = value(text, "Authorization")
        if not proof:
            return self.trunk.response(text, 401, self.trunk.new_call(), extra=f"WWW-Authenticate: {CHALLENGE}")
        assert is_right(proof, "amparo", "geheim", text)
        return self.trunk.response(text, 200, self.trunk.new_call(), extra=f"Expires: {self.seconds}")


async def test_we_register_refresh_and_sign_off(switchboard, trunk):
    registrar = trunk.serves["REGISTER"] = TrunkRegistrar(trunk, seconds=1)
    peer = switchboard.agent.peer(*trunk.relay.far_address)
    ours = Registration(
        switchboard.agent, "sip:amparo@trunk.invalid", "sip:trunk.invalid", peer, switchboard.credentials
    )
    running = asyncio.create_task(ours.run())
    await eventually(lambda: ours.is_registered)
    assert [value(text, "Contact") for text in registrar.seen] == [f"<{peer.contact}>"] * 2
    await eventually(lambda: len(registrar.seen) >= 4)  # refreshed after half the second
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert value(registrar.seen[-1], "Expires") == "0"
    assert not ours.is_registered
    assert len({value(text, "Call-ID") for text in registrar.seen}) == 1
    assert [seq(text) for text in registrar.seen] == list(range(1, len(registrar.seen) + 1))


async def test_a_refused_registration_is_tried_again(switchboard, trunk, monkeypatch):
    monkeypatch.setattr(registration, "RETRY_SECONDS", 0.05)
    answers = [(403, ""), (423, "Min-Expires: 600"), (200, "Expires: 600")]
    seen = []

    def answer(text):
        seen.append(text)
        code, extra = answers[len(seen) - 1]
        return trunk.response(text, code, trunk.new_call(), extra=extra)

    trunk.serves["REGISTER"] = answer
    peer = switchboard.agent.peer(*trunk.relay.far_address)
    ours = Registration(switchboard.agent, "sip:amparo@t.invalid", "sip:t.invalid", peer, switchboard.credentials)
    running = asyncio.create_task(ours.run())
    await eventually(lambda: ours.is_registered)
    assert [value(text, "Expires") for text in seen] == ["300", "300", "600"]
    assert all(method(text) == "REGISTER" and status(text) == 0 for text in seen)
    answers.append((200, "Expires: 0"))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

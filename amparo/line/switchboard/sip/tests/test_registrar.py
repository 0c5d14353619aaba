"""Operators' phones register with a password, and are then called where they are."""

import pytest

from amparo.line.switchboard.sip import Registrar, ha1

from .digest_by_hand import authorization, parameters, response
from .texts import eventually, status, value

URI = "sip:127.0.0.1"


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(switchboard):
    clock = Clock()
    switchboard.agent.registrar.clock = clock
    return clock


class Account:
    """A phone's account: one Call-ID, and a CSeq that grows."""

    def __init__(self, phone, user="op1", password="secret"):
        self.phone, self.user, self.password = phone, user, password
        self.call = phone.new_call(user)
        self.call.target = URI
        self.challenge, self.count, self.proof = "", 0, ""

    async def send(self, extra="", seq=None):
        self.call.seq = seq or self.call.seq + 1
        return await self.phone.ask("REGISTER", self.call, self.call.seq, extra)

    async def register(self, extra="Expires: 60", *, algorithm="md5", uri=URI, **how):
        if not self.challenge:
            self.challenge, self.count = value(await self.send(extra), "WWW-Authenticate"), 0
        self.count += 1
        self.proof = authorization(
            self.user, self.password, self.challenge, "REGISTER", uri, algorithm, count=self.count
        )
        return await self.send(f"{extra}\nAuthorization: {self.proof}", **how)


async def test_a_phone_registers_and_is_called_there(switchboard, phone, new_phone):
    desk = await new_phone()
    accepted = await Account(desk).register()
    assert status(accepted) == 200
    assert value(accepted, "Contact") == f"<sip:phone@{desk.address}>;expires=60"
    call = await phone.dial("op1")
    assert call.code == 200
    leg = await desk.arrived.get()
    assert leg.invite.startswith(f"INVITE sip:phone@{desk.address} ")
    assert await phone.bye(call) == 200
    await eventually(lambda: switchboard.is_idle)


async def test_strangers_and_wrong_passwords_are_refused(switchboard, phone):
    for user, password in (("op1", "wrong"), ("nobody", "secret"), ("op1", "")):
        assert status(await Account(phone, user, password).register()) == 401
    assert not switchboard.agent.registrar.bindings


async def test_no_one_registers_for_another(switchboard, phone):
    account = Account(phone)
    account.call.remote = "<sip:op2@127.0.0.1>"
    assert status(await account.register()) == 403
    assert not switchboard.agent.registrar.bindings


async def test_a_phone_signs_off(switchboard, phone):
    account = Account(phone)
    await account.register()
    assert switchboard.agent.registrar.lookup("op1")
    assert status(await account.register("Expires: 0")) == 200
    assert switchboard.agent.registrar.lookup("op1") is None


async def test_a_phone_that_was_replaced_signs_off_only_itself(switchboard, phone, new_phone):
    old, desk = Account(phone), await new_phone()
    await old.register()
    await Account(desk).register()
    assert status(await old.register("Expires: 0")) == 200
    assert switchboard.agent.registrar.lookup("op1").uri == f"sip:phone@{desk.address}"


async def test_a_star_signs_off_and_nothing_else(switchboard, phone, monkeypatch):
    account = Account(phone)
    await account.register()
    request = phone.request
    monkeypatch.setattr(phone, "request", lambda *a, **k: request(*a, **k).replace(f"<sip:phone@{phone.address}>", "*"))
    assert status(await account.register("Expires: 60")) == 400
    assert switchboard.agent.registrar.lookup("op1")
    assert status(await account.register("Expires: 0")) == 200
    assert switchboard.agent.registrar.lookup("op1") is None


async def test_a_registration_expires(switchboard, phone, clock):
    accepted = await Account(phone).register("Expires: 7200")
    assert value(accepted, "Contact").endswith(";expires=300")  # no longer than we grant
    clock.now += 299
    assert switchboard.agent.registrar.lookup("op1")
    clock.now += 2
    assert switchboard.agent.registrar.lookup("op1") is None
    assert (await phone.dial("op1")).code == 404


async def test_an_old_nonce_is_stale_and_a_foreign_one_is_nothing(phone, clock):
    account = Account(phone)
    await account.register()
    clock.now += 301
    stale = await account.register()
    assert (status(stale), parameters(value(stale, "WWW-Authenticate")).get("stale")) == (401, "true")
    account.challenge = account.challenge.replace('nonce="', 'nonce="f')
    foreign = await account.register()
    assert (status(foreign), "stale" in value(foreign, "WWW-Authenticate")) == (401, False)


async def test_a_nonce_is_of_no_use_from_another_address(phone, switchboard):
    account = Account(phone)
    await account.register()
    registrar = switchboard.agent.registrar
    peer = switchboard.agent.peer
    stamp = f"{int(registrar.clock()):x}-c0ffee"
    assert registrar._nonce(stamp, peer("127.0.0.1", 5060)) != registrar._nonce(stamp, peer("127.0.0.2", 5060))
    assert registrar._nonce(stamp, peer("127.0.0.1", 5060)) == registrar._nonce(stamp, peer("127.0.0.1", 5062))


async def test_an_overheard_register_moves_nothing(switchboard, phone, new_phone):
    """The same Authorization from another port of that address, with another Contact: from behind the same NAT."""
    desk = Account(phone)
    await desk.register()
    bound = switchboard.agent.registrar.lookup("op1")
    attacker = Account(await new_phone())
    attacker.call.call_id = desk.call.call_id
    replayed = await attacker.send(f"Expires: 60\nAuthorization: {desk.proof}", seq=90)
    assert (status(replayed), switchboard.agent.registrar.lookup("op1")) == (401, bound)
    assert parameters(value(replayed, "WWW-Authenticate"))["nonce"] not in desk.challenge
    assert status(await desk.register()) == 200  # the control: the phone itself goes on with the next count
    desk.count -= 1
    assert status(await desk.register()) == 401  # computed anew, with a count that was used


async def test_a_phone_that_sends_no_count_uses_a_nonce_once(switchboard, phone):
    """RFC 2069: without qop, as some old phones answer."""
    account = Account(phone)
    params = parameters(value(await account.send(), "WWW-Authenticate"))
    params = {name: params[name] for name in ("realm", "nonce")} | {"uri": URI}
    proof = f'Digest username="op1", realm="amparo", nonce="{params["nonce"]}", uri="{URI}", '
    proof += f'response="{response("op1", "secret", params, "REGISTER")}"'
    assert [status(await account.send(f"Authorization: {proof}")) for _ in range(2)] == [200, 401]


async def test_a_proof_for_another_uri_is_refused(switchboard, phone):
    assert status(await Account(phone).register(uri="sip:127.0.0.9")) == 400
    assert switchboard.agent.registrar.lookup("op1") is None
    assert status(await Account(phone).register(uri="SIP:127.0.0.1;transport=udp")) == 200  # the same resource


async def test_a_count_that_is_none_is_refused(switchboard, phone):
    account = Account(phone)
    account.challenge = value(await account.send(), "WWW-Authenticate")
    params = parameters(account.challenge) | {"uri": URI, "nc": "x", "cnonce": "c"}
    proof = (
        f'Digest username="op1", realm="amparo", nonce="{params["nonce"]}", uri="{URI}", qop=auth, nc=x, cnonce="c", '
    )
    proof += f'response="{response("op1", "secret", params, "REGISTER")}"'
    assert status(await account.send(f"Authorization: {proof}")) == 400


async def test_an_older_request_does_not_undo_a_newer(switchboard, phone):
    account = Account(phone)
    await account.register()
    await account.register()
    assert status(await account.register("Expires: 0", seq=1)) == 500
    assert switchboard.agent.registrar.lookup("op1")


async def test_md5_alone_is_offered_unless_sha256_is_chosen(switchboard, phone):
    first = await Account(phone).send()
    assert parameters(value(first, "WWW-Authenticate"))["algorithm"] == "MD5"
    secret = ha1("op1", "amparo", "secret", "SHA-256")
    switchboard.agent.registrar = Registrar("amparo", {"op1": secret}.get, algorithm="SHA-256")
    assert status(await Account(phone).register(algorithm="sha256")) == 200

"""SIP over TCP: messages cut from the stream, answers on the same connection, and bounds on what strangers may hold."""

import asyncio

import pytest

from amparo.line.switchboard.sip import CallFailed, Sdp, flow, transport
from amparo.line.switchboard.sip.flow import TcpFlow, network_of

from .stream import Stream, ok
from .texts import eventually, sdp, status, tag, uri, value


@pytest.fixture
async def stream(switchboard):
    stream = await Stream.open(*switchboard.address)
    yield stream
    stream.close()


async def test_messages_are_cut_from_the_stream_wherever_it_breaks(switchboard, phone, stream):
    call = phone.new_call("ivr")
    invite = stream.request(phone, "INVITE", call, 1, sdp()).encode()
    for part in (b"\r\n\r\n" + invite[:57], invite[57:-20], invite[-20:]):
        stream.send(part)
        await asyncio.sleep(0.02)
    assert await stream.reader.readexactly(2) == b"\r\n"  # the answer to our keep-alive
    answer = await stream.read()
    assert status(answer) == 200
    call.remote, call.target = value(answer, "To"), uri(value(answer, "Contact"))
    assert call.target.endswith(";transport=tcp")
    stream.send(stream.request(phone, "ACK", call, 1), stream.request(phone, "OPTIONS", call, 2))
    assert status(await stream.read()) == 200
    switchboard.seen[0].hangup()
    bye = await stream.read()
    assert bye.startswith("BYE ")
    stream.send(ok(bye))
    await eventually(lambda: switchboard.is_idle and switchboard.transactions == 1)  # the 2xx lingers: timer L


@pytest.mark.parametrize(
    "junk",
    [
        b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n\r\n",
        b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\nContent-Length: 999999\r\n\r\n",
        b"x" * 70_000,
    ],
    ids=["no length", "negative length", "endless body", "endless head"],
)
async def test_a_stream_that_cannot_be_cut_is_closed(junk, stream, switchboard):
    stream.send(junk)
    assert await stream.is_closed_by_the_other_side()
    await eventually(lambda: not switchboard.agent.endpoint.transport.streams)


@pytest.mark.parametrize("is_trunk", [True, False])
async def test_many_messages_at_once_close_no_trunk_s_connection(is_trunk, switchboard, phone):
    """All its calls may be on one connection, and after a pause of ours a burst waits there."""
    switchboard.agent.trusts = lambda host: is_trunk
    stream = await Stream.open(*switchboard.address)
    calls = [phone.new_call("ivr") for _ in range(100)]
    burst = "".join(stream.request(phone, "OPTIONS", call, 1) for call in calls)
    assert len(burst) > 2 * flow.MAX_MESSAGE
    stream.send(burst)
    if is_trunk:
        assert [status(await stream.read()) for _ in calls] == [200] * len(calls)
    else:  # control: anybody else is cut off
        await eventually(lambda: not switchboard.agent.endpoint.transport.streams)
    stream.close()


async def test_a_message_that_never_ends_is_not_waited_for(monkeypatch, switchboard):
    monkeypatch.setattr(flow, "MESSAGE_SECONDS", 0.1)
    monkeypatch.setattr(flow, "SILENT_SECONDS", 0.1)
    silent, slow = [await Stream.open(*switchboard.address) for _ in range(2)]
    slow.send(b"OPTIONS sip:ivr@127.0.0.1 SIP/2.0\r\n")
    assert await silent.is_closed_by_the_other_side()
    assert await slow.is_closed_by_the_other_side()


async def test_one_network_may_not_take_all_connections(monkeypatch, switchboard):
    monkeypatch.setattr(transport, "PER_NETWORK", 2)
    streams = [await Stream.open(*switchboard.address) for _ in range(3)]
    assert await streams[2].is_closed_by_the_other_side()
    assert len(switchboard.agent.endpoint.transport.streams) == 2
    streams[0].close()
    await eventually(lambda: len(switchboard.agent.endpoint.transport.streams) == 1)


@pytest.mark.parametrize("has_spoken", [False, True])
async def test_keep_alives_alone_keep_no_connection(monkeypatch, switchboard, phone, has_spoken):
    monkeypatch.setattr(flow, "SILENT_SECONDS", 0.5)
    monkeypatch.setattr(flow, "UNUSED_SECONDS", 0.5)
    stream = await Stream.open(*switchboard.address)
    if has_spoken:
        stream.send(stream.request(phone, "OPTIONS", phone.new_call("ivr"), 1))
        assert status(await stream.read()) == 200
    closed = asyncio.ensure_future(stream.reader.read())
    async with asyncio.timeout(10):
        while not closed.done():
            stream.send(b"\r\n")
            await asyncio.sleep(0.05)
    assert not switchboard.agent.endpoint.transport.streams


async def test_a_call_keeps_its_connection_however_silent(monkeypatch, switchboard, phone, stream):
    monkeypatch.setattr(flow, "UNUSED_SECONDS", 0.1)
    call = phone.new_call("ivr")
    stream.send(stream.request(phone, "INVITE", call, 1, sdp()))
    answer = await stream.read()
    call.remote, call.target = value(answer, "To"), uri(value(answer, "Contact"))
    stream.send(stream.request(phone, "ACK", call, 1))
    await asyncio.sleep(0.6)
    stream.send(stream.request(phone, "BYE", call, 2))
    assert status(await stream.read()) == 200
    assert await stream.is_closed_by_the_other_side()  # the control: without a call it ends


async def test_who_is_silent_shuts_nobody_out(monkeypatch, switchboard, phone):
    monkeypatch.setattr(transport, "MAX_SILENT", 3)
    silent = [await Stream.open(*switchboard.address) for _ in range(8)]
    stream = await Stream.open(*switchboard.address)
    stream.send(stream.request(phone, "OPTIONS", phone.new_call("ivr"), 1))
    assert status(await stream.read()) == 200
    assert await silent[0].is_closed_by_the_other_side()
    assert len(switchboard.agent.endpoint.transport.streams) <= 4


async def test_many_who_are_silent_are_closed_one_by_one(monkeypatch, switchboard):
    """Even if several come before the first of them is gone."""
    monkeypatch.setattr(transport, "MAX_SILENT", 3)
    layer = switchboard.agent.endpoint.transport
    flows = [TcpFlow(layer) for _ in range(8)]
    for number, stranger in enumerate(flows):
        stranger.remote = (f"192.0.2.{number}", 5060)
        assert layer.admit(stranger)
    assert list(layer.streams.values()) == flows[-3:]


async def test_strangers_leave_connections_for_trunks_and_registered_phones(monkeypatch, switchboard):
    monkeypatch.setattr(transport, "MAX_STREAMS", 6)
    monkeypatch.setattr(transport, "FOR_KNOWN", 2)
    layer = switchboard.agent.endpoint.transport
    switchboard.agent.trusts = lambda host: host == "127.0.0.1"

    def admits(host: str, port: int) -> bool:
        connection = TcpFlow(layer)
        connection.remote = (host, port)
        return layer.admit(connection)

    assert [admits(f"192.0.{number}.1", 5060) for number in range(6)] == [True] * 4 + [False] * 2
    assert [admits("127.0.0.1", port) for port in range(3)] == [True, True, False]  # the last: in all too many


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.1", "192.0.2.254", True),
        ("192.0.2.1", "192.0.3.1", False),
        ("192.0.2.1", "::ffff:192.0.2.9", True),
        ("2001:db8:0:100::1", "2001:db8:0:1ff:ffff::2", True),
        ("2001:db8:0:100::1", "2001:db8:0:200::1", False),
    ],
)
def test_what_counts_as_one_network(one, other, is_same):
    assert (network_of(one) == network_of(other)) is is_same


async def test_a_call_of_ours_over_tcp(switchboard):
    requests: asyncio.Queue[tuple[Stream, str]] = asyncio.Queue()

    async def serve(reader, writer):
        stream = Stream(reader, writer)
        while True:
            text = await stream.read()
            requests.put_nowait((stream, text))
            contact = f"<sip:bob@127.0.0.1:{port};transport=tcp>"
            if text.startswith("INVITE"):
                answer = ok(text, (("Contact", contact),), sdp())
                stream.send(answer.replace(f"To: {value(text, 'To')}", f"To: {value(text, 'To')};tag=b"))
            elif text.startswith("BYE"):
                stream.send(ok(text))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    peer = switchboard.agent.peer("127.0.0.1", port, "tcp")
    call, answer = await switchboard.agent.dial(
        f"sip:bob@127.0.0.1:{port};transport=tcp",
        peer,
        Sdp("127.0.0.1", 42_000),
        caller="sip:anonymous@anonymous.invalid",
    )
    call.hangup()
    seen = [await requests.get() for _ in range(3)]
    assert [text.split()[0] for _, text in seen] == ["INVITE", "ACK", "BYE"]
    assert len({stream for stream, _ in seen}) == 1
    assert "SIP/2.0/TCP" in value(seen[0][1], "Via")
    assert tag(value(seen[1][1], "To")) == "b"
    assert answer.port == 40_000
    await eventually(lambda: not switchboard.agent.calls)
    server.close()


async def test_a_connection_that_was_closed_meanwhile_is_opened_again(switchboard):
    """A trunk may close an idle connection during a call; our BYE must find it all the same."""
    requests: asyncio.Queue[str] = asyncio.Queue()

    async def serve_one_message_each(reader, writer):
        stream = Stream(reader, writer)
        text = await stream.read()
        requests.put_nowait(text)
        answer = ok(text, (), sdp() if text.startswith("INVITE") else "")
        stream.send(answer.replace(f"To: {value(text, 'To')}", f"To: {value(text, 'To')};tag=b"))
        await writer.drain()
        await reader.readuntil(b"\r\n\r\n")  # the ACK
        writer.close()

    server = await asyncio.start_server(serve_one_message_each, "127.0.0.1", 0)
    peer = switchboard.agent.peer(*server.sockets[0].getsockname()[:2], "tcp")
    call, _ = await switchboard.agent.dial(
        "sip:bob@trunk.invalid", peer, Sdp("127.0.0.1", 42_000), caller="sip:a@b.invalid"
    )
    await eventually(lambda: not peer.flow.is_open)
    call.hangup()
    assert [(await requests.get()).split()[0] for _ in range(2)] == ["INVITE", "BYE"]
    server.close()


async def test_a_refused_connection_is_a_failed_call(switchboard):
    peer = switchboard.agent.peer("127.0.0.1", 9, "tcp")
    with pytest.raises(CallFailed, match="503"):
        await switchboard.agent.dial("sip:bob@127.0.0.1:9", peer, Sdp("127.0.0.1", 42_000), caller="sip:a@b.invalid")
    assert not switchboard.agent.calls


async def test_a_connection_lost_while_it_rings_is_a_failed_call(switchboard):
    async def hang_up_on(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up_on, "127.0.0.1", 0)
    peer = switchboard.agent.peer(*server.sockets[0].getsockname()[:2], "tcp")
    with pytest.raises(CallFailed, match="503"):
        await switchboard.agent.dial("sip:bob@b.invalid", peer, Sdp("127.0.0.1", 42_000), caller="sip:a@b.invalid")
    server.close()

"""Offers from the public page are limited before they take a thread, and have threads of their own."""

import asyncio
import json

import pytest

from amparo import asgi
from amparo.foundation.core import proof_of_work
from amparo.screens.site import offers

KNOWN, UNKNOWN = "203.0.113.77", "127.0.0.1"


def found(bits: int = 4) -> dict[str, str]:
    riddle = proof_of_work.make_challenge(bits)
    return {
        "challenge": riddle,
        "found": next(str(n) for n in range(10_000) if proof_of_work.has_leading_zeros(f"{riddle}.{n}", bits)),
    }


@pytest.fixture
def door(monkeypatch):
    monkeypatch.setattr(asgi, "offer_limit", offers.OfferLimit())


async def offer(address: str, **more: str) -> tuple[int, str]:
    """Status and text. The offer names no language of ours: an offer that gets through is answered 400."""
    sent = []
    body = json.dumps({"offer": "v=0", "language": "xx", **more}).encode()
    coming = iter([{"type": "http.request", "body": body}])

    async def receive():
        if (message := next(coming, None)) is None:
            await asyncio.Event().wait()
        return message

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"sec-fetch-site", b"same-origin"), (b"sec-fetch-mode", b"cors")]
    request_data = {
        "type": "http", "method": "POST", "path": "/call/offer", "query_string": b"", "http_version": "1.1",
        "headers": [*headers, (b"content-type", b"application/json")], "client": (address, 1),
    }  # fmt: skip
    async with asyncio.timeout(30):
        await asgi.application(request_data, receive, send)
    return sent[0]["status"], b"".join(it.get("body", b"") for it in sent).decode()


async def test_offers_from_unknown_networks_need_work(door):
    status, text = await offer(UNKNOWN)
    assert (status, "un poco más de tiempo" in text) == (429, True)
    assert (await offer(UNKNOWN, challenge="x", found="1"))[0] == 429
    assert (await offer(UNKNOWN, **found()))[0] == 400


async def test_one_proof_of_work_serves_few_offers(door):
    same = found()
    statuses = [(await offer(UNKNOWN, **same))[0] for _ in range(offers.USES + 2)]
    assert statuses == [400] * offers.USES + [429] * 2
    assert (await offer(UNKNOWN, **found()))[0] == 400


async def test_a_network_with_many_offers_needs_work(door):
    statuses = [(await offer(KNOWN))[0] for _ in range(offers.WITHOUT_WORK + 2)]
    assert statuses == [400] * offers.WITHOUT_WORK + [429] * 2
    assert (await offer(KNOWN, **found()))[0] == 400
    assert (await offer("203.0.113.78"))[0] == 400  # the control: a neighbouring network


async def test_waiting_offers_block_no_page(door, monkeypatch):
    """The switchboard may be slow: what waits for it is limited, and uses no threads of pages."""
    slow, begun = asyncio.Event(), []

    async def waits(scope, body, send):
        begun.append(await body())
        await slow.wait()

    monkeypatch.setattr(asgi, "offered_calls", waits)
    waiting = [asyncio.create_task(offer(KNOWN, **found())) for _ in range(offers.MOST_WAITING)]
    while len(begun) < offers.MOST_WAITING:
        await asyncio.sleep(0.01)
    assert (await offer(KNOWN, **found()))[0] == 503
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    monkeypatch.undo()
    assert (await offer(KNOWN, **found()))[0] == 400

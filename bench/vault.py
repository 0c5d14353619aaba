"""The cost of sealing beside the bare cipher, of rotating the keys of 100,000 grants, and of finding a sealed number.

python -m bench.vault [--copies 100000] [--rounds 20000]
"""

import argparse
import os
import resource
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime

from .home import home

NOTES = b"x" * 2500  # as much as is typed in twenty minutes
NAME = "María Fernanda Quispe Huamán".encode()


def each(do: Callable[[], object], rounds: int) -> float:
    """Microseconds per call."""
    start = time.perf_counter()
    for _ in range(rounds):
        do()
    return (time.perf_counter() - start) / rounds * 1e6


def seals(rounds: int) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from amparo.foundation.vault.keys import Box, _pad
    from amparo.foundation.vault.wrapping import keyring

    key = secrets.token_bytes(32)
    box, bare = Box(key), AESGCM(key)
    print("| microseconds | seal | bare cipher | open | bare cipher |\n|---|---|---|---|---|")
    for what, words in (("a name, 64 bytes", NAME), ("notes, 2.5 kB", NOTES)):
        sealed, padded = box.seal(words, "table|column|row"), _pad(words)
        locked = (nonce := secrets.token_bytes(12)) + bare.encrypt(nonce, padded, b"table|column|row")
        doing: list[Callable[[], object]] = [
            lambda words=words: box.seal(words, "table|column|row"),
            lambda padded=padded: bare.encrypt(secrets.token_bytes(12), padded, b"table|column|row"),
            lambda sealed=sealed: box.open(sealed, "table|column|row"),
            lambda locked=locked: bare.decrypt(locked[:12], locked[12:], b"table|column|row"),
        ]
        fastest = [min(each(do, rounds // 5) for _ in range(5)) for do in doing]
        print(f"| {what} | " + " | ".join(f"{took:.1f}" for took in fastest) + " |")
    wrapper, ring = keyring().current(1), keyring()
    wrapped = wrapper.wrap(key, b"record")
    print(f"wrap a data key {each(lambda: ring.current(1).wrap(key, b'record'), rounds // 5):.1f} us, ", end="")
    print(f"unwrap {each(lambda: ring.named(wrapper.name).unwrap(wrapped, b'record'), rounds // 5):.1f} us")


def rolls(copies: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from amparo.foundation.vault.key_rotation import rotate_keys
    from amparo.foundation.vault.models import DataKey, Grant

    for _ in range(copies // 5000):
        keys = [DataKey(agency_id=1, kind="contact", made_at=timezone.now()) for _ in range(5000)]
        for key in keys:
            key.secret = secrets.token_bytes(32)
        DataKey.objects.bulk_create(keys)
        Grant.objects.bulk_create(
            Grant(key=k, holder="u1", agency_id=1, owner_id=1, made_at=k.made_at, wrapped=w, wrapping_key=name)
            for k in keys for w, name in [k.wrapped_for(1)]
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze vault_grant")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, own = time.perf_counter(), time.process_time()
    rolled = rotate_keys(datetime.now(UTC))
    took, own = time.perf_counter() - start, time.process_time() - own
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{rolled.copies:,} copies wrapped anew in {took:.1f} s ({own:.1f} s of our own processor time), ", end="")
    print(f"{rolled.destroyed} older key destroyed, {more:.0f} MB more memory")


def finds(records: int) -> None:
    """Find one number among this many records, as an operator who holds a hundredth of them."""
    from django.db import connection

    from amparo.foundation.access.models import User
    from amparo.foundation.core.actor import acting_as
    from amparo.foundation.vault import tokens
    from amparo.foundation.vault.models import DataKey, Token

    ana = User.objects.create(username="ana")
    with acting_as(ana.acting()):
        key = DataKey.objects.make(ana.acting().holders[0], agency=1, kind="card")
        tokens.store_tokens(key, Token.Kind.NUMBER, "987654321")
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into vault_token (key_id, kind, token, made_with) select id, 'number',"
            " decode(md5(id::text), 'hex'), 'x' from vault_datakey where kind = 'contact'"
        )
        cursor.execute("update vault_grant set holder = %s where id %% 100 = 0", [f"u{ana.pk}"])
        cursor.execute("vacuum analyze vault_token, vault_grant")

    def search() -> None:
        assert tokens.search_records(Token.Kind.NUMBER, "+51 987 654 321", acting=ana.acting("calls_again")) == [key.pk]

    made = each(lambda: tokens.make_tokens(Token.Kind.NUMBER, "+51 987 654 321", 1), 2000)
    took = sorted(each(search, 1) for _ in range(50))[25]
    print(f"a token of a number {made:.0f} us; found among {records:,} in {took / 1000:.1f} ms, with its ledger entry")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--copies", type=int, default=100_000)
    arguments.add_argument("--rounds", type=int, default=20_000)
    chosen = arguments.parse_args()
    with home():
        print(f"load average {os.getloadavg()[0]:.1f}")
        seals(chosen.rounds)
        rolls(chosen.copies)
        finds(chosen.copies)


if __name__ == "__main__":
    main()

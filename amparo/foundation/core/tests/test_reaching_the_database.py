import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from socket import SHUT_RDWR, socket

import pytest
from django.db import connection

from amparo.foundation.access.models import Agency

DEAD = 12
SHOW = "import django; django.setup(); from amparo.foundation.core.live import conninfo; print(conninfo())"


def test_what_the_address_says_of_tls_holds_for_every_connection():
    """Django's pool reads the same settings; requiring TLS was tried with a real server (docs/en/administrator.md)."""
    address = "postgresql://ana@192.0.2.7/amparo?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem"
    environment = {**os.environ, "DATABASE_URL": address}
    output = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "host=192.0.2.7 sslmode=verify-full sslrootcert=/etc/ssl/db.pem" in output


@pytest.mark.django_db(transaction=True)
def test_nothing_that_somebody_set_stays_on_a_connection():
    connection.ensure_connection()
    link = connection.connection
    role = f"{connection.settings_dict['NAME']}_site"
    link.execute(f"select set_config('amparo.acting', 'forged', false), set_config('role', '{role}', false)")
    assert set_on(link) == ("forged", role)
    give_back_and_take(link)
    assert set_on(link) == ("", "none")


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_was_left_open_is_undone():
    connection.ensure_connection()
    link = connection.connection
    link.autocommit = False
    link.execute("select set_config('amparo.acting', 'forged', false)")
    give_back_and_take(link)
    assert link.autocommit
    assert set_on(link) == ("", "none")


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_is_replaced():
    connection.ensure_connection()
    link = connection.connection
    link.close()
    connection.close()
    connection.ensure_connection()
    assert connection.connection is not link
    assert set_on(connection.connection) == ("", "none")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("pages", [1, 4])
def test_no_page_meets_a_connection_that_died_in_the_pool(pages):
    """As after a restart of PostgreSQL: many connections lie in the pool, and the server has closed them all.

    A page waits five seconds for a connection. If it tried the dead ones one after the other, it would wait in vain.
    """
    connection.close()
    links = open_connections(DEAD)
    for link in links:
        with socket(fileno=os.dup(link.pgconn.socket)) as end:
            end.shutdown(SHUT_RDWR)

    def show_page(_number: int) -> bool:
        try:
            Agency.objects.count()
            return connection.connection not in links
        finally:
            connection.close()

    with ThreadPoolExecutor(pages) as pool:
        assert all(pool.map(show_page, range(2 * DEAD)))


@pytest.mark.django_db(transaction=True)
def test_connections_that_nobody_needs_are_closed_soon():
    """PostgreSQL keeps the memory of each until it ends."""
    connection.close()
    open_connections(3)
    before = connection.pool.get_stats()["pool_size"]
    for _ in range(200):
        if connection.pool.get_stats()["pool_size"] < before:
            return
        time.sleep(0.5)
    raise AssertionError("The pool kept all connections.")


def open_connections(count: int) -> list:
    """Open so many connections at once; then they lie in the pool."""
    links = [connection.pool.getconn() for _ in range(count)]
    for link in links:
        connection.pool.putconn(link)
    while connection.pool.get_stats()["pool_available"] < count:  # the pool resets each in a thread
        time.sleep(0.01)
    return links


def give_back_and_take(link) -> None:
    """Give the connection back to the pool, and take it as its next user does: the pool resets it in between."""
    connection.close()
    for _ in range(1000):
        connection.ensure_connection()
        if connection.connection is link:
            return
        connection.close()
    raise AssertionError("The pool did not hand the connection out again.")


def set_on(link) -> tuple[str, str]:
    return link.execute(
        "select coalesce(current_setting('amparo.acting', true), ''), current_setting('role')"
    ).fetchone()

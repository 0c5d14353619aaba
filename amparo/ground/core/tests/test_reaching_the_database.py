import os
import subprocess
import sys

SHOW = "import django; django.setup(); from amparo.ground.core.live import conninfo; print(conninfo())"


def test_what_the_address_says_of_tls_holds_for_every_connection():
    """Django's pool reads the same settings; whether a server insists was tried with one (docs/administrator.md)."""
    address = "postgresql://ana@192.0.2.7/amparo?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem"
    environment = {**os.environ, "DATABASE_URL": address}
    said = subprocess.run(
        [sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "host=192.0.2.7 sslmode=verify-full sslrootcert=/etc/ssl/db.pem" in said

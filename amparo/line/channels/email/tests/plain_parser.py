"""The control of the tests about costly e-mails: the standard library alone, without any limit on what it parses.

Reads an e-mail from standard input. After `SECONDS` of processor time the system ends it.
"""

import resource
import sys
from contextlib import suppress
from email import message_from_bytes, policy
from html.parser import HTMLParser

SECONDS = 1


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    message = message_from_bytes(sys.stdin.buffer.read(), policy=policy.default)
    for name in message:
        with suppress(Exception):
            str(message[name])
    for part in message.walk():
        with suppress(Exception):
            part.get_content_disposition()
    if body := message.get_body(("plain", "html")):
        page = HTMLParser()
        page.feed(str(body.get_content()))
        page.close()


if __name__ == "__main__":
    main()

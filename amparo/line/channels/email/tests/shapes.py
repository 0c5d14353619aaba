"""E-mails that cost the plain parser of the standard library much, each by another of its parts."""


def email(*headers: str, body: str = "x") -> bytes:
    return "\n".join(("From: a@b.example", "Subject: x", *headers, "", body)).encode()


def _numbered(name: str, number: int) -> str:
    return "".join(f"; {name}*{each}*=b" for each in range(number))


def _nested(depth: int) -> bytes:
    open_parts = "".join(f"Content-Type: multipart/mixed; boundary=b{each}\n\n--b{each}\n" for each in range(depth))
    return ("From: a@b.example\n" + open_parts + "\n" + "x\n" * 500_000).encode()


COSTLY = {
    "quotes in From": b"From: " + b'"' * 40_000 + b" a@b.example\n\nx",
    "comments in From": b"From: " + b"(a)" * 40_000 + b" a@b.example\n\nx",
    "encoded names in From": b"From: " + b"=?utf-8?q?a?= " * 10_000 + b"<a@b.example>\n\nx",
    "many addresses in From": b"From: " + b"a <a@b.example>, " * 10_000 + b"a@b.example\n\nx",
    "parameters of Content-Type": email("Content-Type: text/plain" + "; a=b" * 16_000),
    "numbered parameters of Content-Type": email("Content-Type: text/plain" + _numbered("a", 16_000)),
    "a boundary in pieces": email("Content-Type: multipart/mixed" + _numbered("boundary", 16_000)),
    "a file name in pieces": email("Content-Disposition: attachment" + _numbered("filename", 16_000)),
    "encoded words in Subject": b"From: a@b.example\nSubject: " + b"=?utf-8?q?a?= " * 16_000 + b"\n\nx",
    "many addresses in To": email("To: " + "a <a@b.example>, " * 10_000 + "a@b.example"),
    "quotes in Reply-To": email("Reply-To: " + '"' * 40_000 + " a@b.example"),
    "many references": email("References: " + "<a@b.example> " * 40_000),
    "quotes in Message-ID": email("Message-ID: <" + '"' * 40_000 + "@b.example>"),
    "one header of many lines": email("Auto-Submitted: no" + "\n a" * 600_000),
    "parts in parts": _nested(100),
    "many parts": email("Content-Type: multipart/mixed; boundary=b", body="--b\n\nx\n" * 200_000),
    "parts with costly headers": email(
        "Content-Type: multipart/mixed; boundary=b",
        body=("--b\nContent-Type: text/plain" + "; a=b" * 3_000 + "\n\nx\n") * 100,
    ),
    "many tags": email("Content-Type: text/html", body="<br>" * 490_000),
    "a costly alphabet": email("Content-Type: text/plain; charset=punycode", body="a-" + "b9" * 200_000),
}

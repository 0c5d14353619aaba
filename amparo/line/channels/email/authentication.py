"""What our provider found out about the sender of an e-mail: the header Authentication-Results (RFC 8601)."""

import re

RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*1)?\s*=\s*([a-z]+)", re.IGNORECASE)
FAILED = ("fail", "softfail")


def is_forged(headers: list[str], provider: str) -> bool:
    """Whether our provider says that the sender's address is not theirs.

    `headers` are in their order. The sender can write such headers too, but only below that of the provider. So the
    topmost one counts: of the provider with this name (authserv-id), or of all if `provider` is blank.
    """
    for header in headers:
        name, *results = _without_comments_and_quotes(header).split(";")
        if not provider or (name.split() or [""])[0].casefold() == provider.casefold():
            return _says_forged(results)
    return False


def _says_forged(results: list[str]) -> bool:
    found = [(match[1].casefold(), match[2].casefold()) for each in results if (match := RESULT.match(each))]
    dmarc = [result for method, result in found if method == "dmarc" and result in ("pass", "fail")]
    if dmarc:
        return "fail" in dmarc
    has_failed = any(method == "spf" and result in FAILED for method, result in found)
    return has_failed and ("dkim", "pass") not in found


def _without_comments_and_quotes(header: str) -> str:
    """Leave out what the sender may have chosen: comments, also in comments, and quoted words."""
    kept, depth, is_quoted, is_escaped = [], 0, False, False
    for letter in header:
        if is_escaped:
            is_escaped = False
        elif letter == "\\" and (depth or is_quoted):
            is_escaped = True
        elif letter == '"' and not depth:
            is_quoted = not is_quoted
        elif not is_quoted and letter == "(":
            depth += 1
        elif not is_quoted and letter == ")" and depth:
            depth -= 1
        elif not is_quoted and not depth:
            kept.append(letter)
    return "".join(kept)

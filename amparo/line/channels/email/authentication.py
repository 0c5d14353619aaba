"""What our provider found out about the sender of an e-mail: the header Authentication-Results (RFC 8601)."""

import re

RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*1)?\s*=\s*([a-z]+)", re.IGNORECASE)
FAILED = ("fail", "softfail")


def is_forged(headers: list[str], provider: str) -> bool:
    """Whether our provider says that the sender's address is not theirs.

    `headers` are in their order. Those count that bear the name (authserv-id) of the provider or, if `provider` is
    blank, that of the topmost: a provider may write one header for each method. Of two words on DMARC the upper counts.
    The sender can write headers too, but only below, and a provider removes those that bear its own name (RFC 8601, 5).
    """
    named = [_name_and_results(header) for header in headers]
    name = provider.casefold() or (named[0][0] if named else "")
    found = [result for each, results in named if each == name for result in results]
    dmarc = [result for method, result in found if method == "dmarc" and result in ("pass", "fail")]
    if dmarc:
        return dmarc[0] == "fail"
    has_failed = any(method == "spf" and result in FAILED for method, result in found)
    return has_failed and ("dkim", "pass") not in found


def _name_and_results(header: str) -> tuple[str, list[tuple[str, str]]]:
    name, *results = _without_comments_and_quotes(header).split(";")
    found = [(match[1].casefold(), match[2].casefold()) for each in results if (match := RESULT.match(each))]
    return (name.split() or [""])[0].casefold(), found


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

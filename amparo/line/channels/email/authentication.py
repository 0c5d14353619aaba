"""What our provider found out about the sender of an e-mail: the header Authentication-Results (RFC 8601)."""

import re
from dataclasses import dataclass

RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*1)?\s*=\s*([a-z]+)", re.IGNORECASE)
SIGNER = re.compile(r"header\.[di]\s*=\s*(?:[^@;\s]*@)?([a-z0-9.-]+)", re.IGNORECASE)
FAILED = ("fail", "softfail")


def is_forged(headers: list[str], provider: str, domain: str) -> bool:
    """Whether our provider says that the sender's address, which is of `domain`, is not theirs.

    `headers` are in their order. Those count that bear the name (authserv-id) of the provider or, if `provider` is
    blank, that of the topmost: a provider may write one header for each method. Of two words on DMARC the upper counts.
    The sender can write headers too, but only below, and a provider removes those that bear its own name (RFC 8601, 5).
    A comment or quotation without an end may hide the provider's verdict: such a sender is not confirmed.
    """
    named = [_name_and_results(header) for header in headers]
    name = provider.casefold() or (named[0].name if named else "")
    ours = [each for each in named if each.name == name]
    if any(not each.is_whole for each in ours):
        return True
    found = [result for each in ours for result in each.results]
    dmarc = [verdict for method, verdict, _signer in found if method == "dmarc" and verdict in ("pass", "fail")]
    if dmarc:
        return dmarc[0] == "fail"
    has_failed = any(method == "spf" and verdict in FAILED for method, verdict, _signer in found)
    return has_failed and not any(
        (method, verdict) == ("dkim", "pass") and _is_of(domain, signer) for method, verdict, signer in found
    )


def _is_of(domain: str, signer: str) -> bool:
    """Whether a signature by this domain speaks for the sender's. Blank: the provider does not say whose it is."""
    return not signer or domain == signer or domain.endswith(f".{signer}") or signer.endswith(f".{domain}")


@dataclass(frozen=True)
class _Header:
    name: str
    results: list[tuple[str, str, str]]  # method, verdict, domain of a signature
    is_whole: bool


def _name_and_results(header: str) -> _Header:
    plain, is_whole = _without_comments_and_quotes(header)
    name, *results = plain.split(";")
    found = []
    for each in results:
        if match := RESULT.match(each):
            signer = SIGNER.search(each)
            found.append((match[1].casefold(), match[2].casefold(), signer[1].casefold() if signer else ""))
    return _Header((name.split() or [""])[0].casefold(), found, is_whole)


def _without_comments_and_quotes(header: str) -> tuple[str, bool]:
    """Leave out what the sender may have chosen: comments, also in comments, and quoted words.

    The second value is False if one of them has no end.
    """
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
    return "".join(kept), not depth and not is_quoted

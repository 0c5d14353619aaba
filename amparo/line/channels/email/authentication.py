"""What our provider found out about the sender of an e-mail: the header Authentication-Results (RFC 8601)."""

import re
from dataclasses import dataclass

from .mime import LONGEST_RESULTS

RESULT = re.compile(r"\s*(dmarc|spf|dkim)(?:\s*/\s*1)?\s*=\s*([a-z]+)", re.IGNORECASE)
CHECKED = {  # the address or domain of which each method speaks
    method: re.compile(rf"(?<!\S){name}\s*=\s*(\S*)", re.IGNORECASE)
    for method, name in (("dmarc", r"header\.from"), ("dkim", r"header\.[di]"), ("spf", r"smtp\.mailfrom"))
}
FAILED = ("fail", "softfail")
UNREADABLE = "?"  # the domain that was checked stood between quotes, or is none: it is not the sender's


def is_forged(headers: list[str], provider: str, domain: str) -> bool:
    """Whether our provider says that the sender's address, which is of `domain`, is not theirs.

    `headers` are in their order. Those count that bear the name (authserv-id) of the provider or, if `provider` is
    blank, that of the topmost: a provider may write one header for each method. Of two words on DMARC the upper counts.
    The sender can write headers too, but only below, and a provider removes those that bear its own name (RFC 8601, 5).
    A comment or quotation without an end, or the length of the header, may hide the provider's verdict: such a sender
    is not confirmed. Nor is one whose domain is not the one that DMARC checked: the provider read another sender.
    Without a verdict of DMARC, the domain that SPF checked (RFC5321.MailFrom) must be that of the From header.
    """
    named = [_name_and_results(header) for header in headers]
    name = provider.casefold() or (named[0].name if named else "")
    ours = [each for each in named if each.name == name]
    if any(not each.is_whole for each in ours):
        return True
    found = [result for each in ours for result in each.results]
    dmarc = [(verdict, of) for method, verdict, of in found if method == "dmarc" and verdict in ("pass", "fail")]
    if dmarc:
        verdict, of = dmarc[0]
        return verdict == "fail" or not _is_of(domain, of)
    is_signed = any((method, verdict) == ("dkim", "pass") and _is_of(domain, of) for method, verdict, of in found)
    has_failed = any(method == "spf" and (verdict in FAILED or not _is_of(domain, of)) for method, verdict, of in found)
    return has_failed and not is_signed


def _is_of(domain: str, checked: str) -> bool:
    """Whether what was found out about a domain speaks for the sender's. Blank: the provider does not say of which."""
    domain = _ascii_domain(domain)
    return not checked or domain == checked or domain.endswith(f".{checked}") or checked.endswith(f".{domain}")


def _ascii_domain(domain: str) -> str:
    """Return a domain as it stands in the DNS."""
    domain = domain.casefold().rstrip(".")
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def _domain_of(value: str) -> str:
    """Return the domain of an address or a domain. Its sender chose all that stands before the last @."""
    return _ascii_domain(value.rpartition("@")[2]) or UNREADABLE


@dataclass(frozen=True)
class _Header:
    name: str
    results: list[tuple[str, str, str]]  # method, verdict, domain that was checked
    is_whole: bool


def _name_and_results(header: str) -> _Header:
    plain, is_whole = _without_comments_and_quotes(header)
    name, *results = plain.split(";")
    found = []
    for each in results:
        if match := RESULT.match(each):
            method = match[1].casefold()
            checked = CHECKED[method].search(each)
            found.append((method, match[2].casefold(), _domain_of(checked[1]) if checked else ""))
    return _Header((name.split() or [""])[0].casefold(), found, is_whole and len(header) < LONGEST_RESULTS)


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

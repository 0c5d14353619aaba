"""The arguments of each command of `amparo`."""

import argparse


def audit(parser: argparse.ArgumentParser) -> None:
    verify = parser.add_subparsers(required=True, dest="what", metavar="what").add_parser(
        "verify", help="one line: what is intact, and where it is not; ends with 1 if anything is not"
    )
    verify.add_argument(
        "--key", metavar="HEX", help="the sealer's public key as you noted it, not as this machine says"
    )


def doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--language", choices=("es", "en"), default="es", help="es without it")


def staff(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, dest="what", metavar="what")
    first = what.add_parser("first-link", help="a link for the first administrator; the one before ends")
    first.add_argument("username", nargs="?", help="the name to sign in with; the link's page can change it")
    add = what.add_parser("add", help="an administrator")
    add.add_argument("username", help="the name to sign in with")
    add.add_argument("--name", help="the name that colleagues see")
    add.add_argument("--agency", help="of which agency; made if it is new. Without it: the hotline")
    add.add_argument("--kind", default="ngo", help="of a new agency: police, prosecutor, ministry, ngo or shelter")


def demo(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, dest="what", metavar="what")
    call = what.add_parser("call", help="one invented person calls and speaks")
    call.add_argument("--caller", help="who calls, by code name; without it, anyone")
    story = what.add_parser("story", help="one invented woman, from her call to being helped; with --erase, erased")
    story.add_argument("--erase", action="store_true", help="go on: she withdraws her consent, and is erased")
    history = what.add_parser("history", help="build or finish the invented months, their figures and the press note")
    history.add_argument(
        "--months",
        type=int,
        choices=range(1, 25),
        metavar="MONTHS",
        help="18 without it, after 30 of figures alone",
    )
    day = what.add_parser("day", help="a busy day")
    day.add_argument("--calls", type=int, default=35)
    day.add_argument("--real-time", action="store_true", help="spread over 24 hours instead of minutes")


def canary(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="such as C-2031: a call that was made up for this, and closed")
    parser.add_argument("--remove", action="store_true", help="it is none any more")


def keys(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, dest="what", metavar="what")
    what.add_parser("roll", help="new keys for every agency, and the end of the old ones; safe to repeat")
    keep = what.add_parser("keep", help="how long a class of records is kept after it is closed")
    keep.add_argument("kind", help="contact, card or message")
    keep.add_argument("days", type=int)


def directory(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, dest="what", metavar="what")
    bring = what.add_parser("import", help="all of a file, or nothing of it; what has the same id is replaced")
    bring.add_argument("file", help="HSDS 3.0, JSON")
    take = what.add_parser("export", help="all institutions and services, without any confidential place")
    take.add_argument("file")


def figures(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(required=True, dest="what", metavar="what")
    # No prefix: all that follows is an argument here, and amparo_estimation parses it; to import it takes a second.
    for name, help in (
        ("estimate", "how many people are on no list"),
        ("encode", "a list, to link it without names"),
        ("link", "encoded lists: how many people are on which"),
        ("duplicates", "who is twice on one's own list"),
    ):
        what.add_parser(name, help=help, prefix_chars="\0", add_help=False).add_argument(
            "rest", nargs=argparse.REMAINDER
        )
    snapshot = what.add_parser("snapshot", help="a snapshot's exact counts as Parquet, to count an edition again")
    snapshot.add_argument("number", type=int, help="as the edition says it")
    snapshot.add_argument("--out", required=True, metavar="FOLDER", help="gets two files, which nobody else can read")
    recount = what.add_parser("recount", help="count a snapshot or a year again from its files, without the hotline")
    recount.add_argument(
        "numbers", type=int, nargs="+", metavar="N", help="as the file's name says it; several: a year"
    )
    recount.add_argument("--in", required=True, dest="folder", metavar="FOLDER", help="where the two files are")
    recount.add_argument("--spark", default="", metavar="ADDRESS", help="on this cluster, such as spark://host:7077")


def update(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("version", nargs="?", help="in a checkout: a tag, such as v0.4.0")
    parser.add_argument("--back", action="store_true", help="return to the version before")
    parser.add_argument("--backup", metavar="FOLDER", help="where the data goes that is backed up first")
    parser.add_argument("--without-backup", action="store_true", help="for a line that holds nothing yet")


def shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-c", dest="code", metavar="CODE", help="run this Python instead of asking for it")


def schema(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kinds", nargs="*", metavar="kind", help="functions, triggers or policies; without it, all")

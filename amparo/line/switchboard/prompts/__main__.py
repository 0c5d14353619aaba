"""`python -m amparo.line.switchboard.prompts`: print what is wrong with the prompts; exit with 2 if anything is."""

import sys

from amparo.foundation.core import environment
from amparo.foundation.core.refusal import Misconfigured
from amparo.line.switchboard.prompts.library import Library

EXIT_FAULTY = 2


def main() -> int:
    """Print a sentence for each fault, and the announced languages."""
    library = Library(environment.read_environment().home)
    found = library.check()
    for sentence in found:
        print(sentence)
    print("Announced:", ", ".join(library.announced_languages))
    return EXIT_FAULTY if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Misconfigured as sentence:
        print(sentence)
        sys.exit(EXIT_FAULTY)

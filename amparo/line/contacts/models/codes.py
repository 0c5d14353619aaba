"""The codes by which people name contacts."""


def code_of(number: int) -> str:
    """The code by which staff name a contact, such as C-2031."""
    return f"C-{number}"

"""How a line of the log reads: that the database is away is foreseen, and no page of a traceback."""

import logging

AWAY = {"ConnectorException", "OperationalError", "InterfaceError"}  # procrastinate's, and the database's own


def in_one_line(record: logging.LogRecord) -> bool:
    """A filter that lets everything pass, and of an outage only its line."""
    if record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ in AWAY:
        record.exc_info = record.exc_text = None
    return True

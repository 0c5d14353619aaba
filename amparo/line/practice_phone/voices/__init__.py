"""Invented callers who speak: the voices of the demonstration and of practice calls."""

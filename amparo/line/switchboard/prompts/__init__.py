"""What a caller hears: the spoken prompts, the tone and the hold music."""

from amparo.line.switchboard.prompts.library import Library

__all__ = ["Library"]

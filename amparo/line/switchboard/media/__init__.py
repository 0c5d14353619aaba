"""The sound of a call: legs that carry it, conversations that join them, one clock that paces both."""

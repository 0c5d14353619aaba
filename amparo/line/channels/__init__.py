"""Every way to reach the line; `channel` is what all of them have in common."""

PUBLIC_MODULES = ("channel",)

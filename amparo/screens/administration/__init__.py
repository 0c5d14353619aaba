"""The pages of administrators; `part` is one part of the machine and how it is."""

PUBLIC_MODULES = ("part",)

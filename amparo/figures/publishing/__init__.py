"""Other rooms may import these modules, beside `models`, `rules`, `picklists` and `public` (docs/decisions/0061)."""

PUBLIC_MODULES = ("sheets", "trend")

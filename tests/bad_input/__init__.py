"""Whatever anybody sends to a hotline as it runs, no page breaks, and what is refused is refused in a sentence."""

"""Parts that show sticks and what lies on them."""

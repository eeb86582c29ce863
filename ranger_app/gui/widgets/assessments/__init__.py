"""Parts that show an assessment: its board, one indicator, evidence, and the small forms."""

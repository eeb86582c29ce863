"""Parts that show people and laptops, and their forms."""

"""What a site knows of its animals, held against what models say."""

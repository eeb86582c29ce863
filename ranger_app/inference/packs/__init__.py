"""Model packs: their folder, manifest and labels, and where they are found."""

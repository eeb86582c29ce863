"""How the window looks: colours by purpose, sizes, the style sheet, and icons."""

"""Who belongs to a site: its signed directory, its people, its laptops, and the recovery sheet."""

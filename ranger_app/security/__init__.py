"""Keys, sealing and signing, passwords and who may do what."""

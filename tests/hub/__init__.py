"""Claims about the hub, served on loopback and nowhere else."""

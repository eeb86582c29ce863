"""What a hub for many sites keeps in PostgreSQL: signed changes as they came, and what is known of files."""

"""A laptop's side of a hub: the line, the messages, and the exchange until both sides have the same."""

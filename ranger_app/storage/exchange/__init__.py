"""What leaves a workspace for others and comes in from them."""

"""What stands before an open workspace: start, make, join, sign in, lock."""

"""Numbers from arrays, with intervals: pure functions that read nothing and draw nothing."""

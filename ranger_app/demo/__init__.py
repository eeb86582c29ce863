"""A park that never was, made of nothing but what is here: drawn pictures, and tracks summed from waves."""

"""Exchange between laptops: bundles, their carriers, and differences to settle."""

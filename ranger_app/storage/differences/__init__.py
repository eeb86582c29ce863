"""Fields that were written apart: what stands there, and settling it."""

"""Claims about exchange between laptops."""

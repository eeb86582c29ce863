"""The hub: another replica with a bigger disk that laptops reach over HTTPS."""

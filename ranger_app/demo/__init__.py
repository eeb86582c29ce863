"""A park that never was, made of nothing but what is here: its pictures are drawn, its tracks are sums of waves."""

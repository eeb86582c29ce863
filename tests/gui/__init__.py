"""Claims about the window, made through the real one."""

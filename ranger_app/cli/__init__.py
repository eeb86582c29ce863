"""The command line: everything that the window can do, in a form that scripts can rely on."""

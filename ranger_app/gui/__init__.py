"""The window: pages, widgets and actions over the same services that the command line uses."""

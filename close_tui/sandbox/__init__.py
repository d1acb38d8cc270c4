"""A Close that fits in one process: authorization server, a little REST API, settings pages.

The demo and the tests talk to it. It shares no code with the rest of close-tui, so that a mistake
made there cannot be made here as well. It serves on loopback and knows fictional people only.
"""

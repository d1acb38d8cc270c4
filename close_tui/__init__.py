"""close-tui keeps the credentials of many Close organizations.

It lists them, renews them, tries them out, and kills them when they leak.
"""

__version__ = "0.1.0"

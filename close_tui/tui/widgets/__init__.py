"""What the app is made of: values in, messages out.

A widget knows the nouns and how to show them; it never reads a vault, calls Close or opens a
screen. What it is given from elsewhere is shown literally, never parsed as markup.
"""

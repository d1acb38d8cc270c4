"""What people keep API keys in before they have close-tui: .env files, CSV, password managers.

One module for each form; ``reading`` tells them apart. Nothing here knows a vault or Close, and
nothing is ever written.
"""

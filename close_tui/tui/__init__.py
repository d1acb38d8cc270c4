"""The terminal app, on Textual.

Widgets know values: values in, messages out. Screens know the verbs. The App knows the screens.
Imports nothing: Textual is paid for when the app is run.
"""

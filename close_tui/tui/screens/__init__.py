"""The screens, one a file: the main one, and the dialogs that ask before a verb is called."""

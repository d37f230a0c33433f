"""Dialogs: the palette, the key sheet, import, export and about."""

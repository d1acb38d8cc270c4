"""What a check has found, for those who show it."""

from close_tui.vault.checking import Finding as Finding

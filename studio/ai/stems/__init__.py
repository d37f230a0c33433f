"""Taking a recording apart: what all separators have in common; numpy only."""

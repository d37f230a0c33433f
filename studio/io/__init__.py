"""Song folders, and every file format the studio reads or writes."""

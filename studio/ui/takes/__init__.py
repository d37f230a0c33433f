"""Takes and jobs: what models made and what is under way."""

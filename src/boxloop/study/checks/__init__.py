"""What a study says in one place against what it says in another: a file for each section."""

"""Reads config/catalogue/: strict YAML into frozen flows. Every problem of every file is reported at once, with
the file and the line it stands on, and nothing is guessed."""

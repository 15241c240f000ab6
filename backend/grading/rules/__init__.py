"""Pure arithmetic of grades: decimals and whole fen, never floats; no clock, no database."""

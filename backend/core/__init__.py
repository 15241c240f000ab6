"""The kernel. It knows no domain: settings, database, commands, time, actors, errors, identifiers,
cryptography, audit, outbox and files. Everything else may import it; it imports nothing above itself."""

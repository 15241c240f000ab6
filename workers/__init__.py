"""The worker processes: arq settings, the relay of the outbox, the table of reactions, the schedule."""

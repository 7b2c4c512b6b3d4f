"""How what is asked for leaves, and what is tried again, kept waiting or refused."""

"""The steps and forms of the flows; `config_flow` is where they begin."""

"""Background workers: threads of their own that run one function again and again."""

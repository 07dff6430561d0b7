"""Child processes that serve calls. README.md beside this file explains the protocol."""

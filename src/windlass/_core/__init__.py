"""The compiled hot path. README.md beside this file explains its algorithms."""

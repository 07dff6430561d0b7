# Nothing to cimport: what it has is for Python.

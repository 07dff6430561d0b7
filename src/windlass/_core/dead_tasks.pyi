# Plain C: nothing of it can be seen from Python.

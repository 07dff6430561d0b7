"""What is measured: one module per subject, each with ``measure(quick)``; ``subjects`` has the table of all."""

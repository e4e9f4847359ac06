"""Making many reports safely: plan, jobs, executors, what was delivered, the index. Owns ``reports/``."""

"""What talks to the API server. It runs in a process of its own (`process.py` says why)."""

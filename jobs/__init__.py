"""What turns a manifest into bytes: stores, scripts, and the RQ tasks that run them. Knows no Flask, no SQL."""

"""What turns a manifest into bytes: stores, formats, scripts, and the RQ tasks that run them. Knows no Flask, no SQL."""

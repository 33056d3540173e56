"""The pure core: columns in, facts out. No Flask, SQL, clock or globals; only ``storage`` touches a disk."""

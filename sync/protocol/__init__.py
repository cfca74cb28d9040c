"""The rules of synchronisation without framework or database: cursors, pages, merging, sequences, clocks."""

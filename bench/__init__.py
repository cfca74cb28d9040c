"""Named benchmarks. Each measures Callout and a floor (or a peer) in one run, and tells medians with their spread."""

"""Travel time between points, from whoever can tell it: a road server, or the built-in estimate."""

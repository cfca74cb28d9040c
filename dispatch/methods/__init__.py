"""How a waiting visit finds its engineer: by hand, recommended, automatically, in turn, nearest, or claimed."""

"""Faces for apps that exist: WatermelonDB and RxDB, each a thin translation onto the same pull and push."""

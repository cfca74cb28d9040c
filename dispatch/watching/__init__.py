"""The eyes of dispatch: what the day becomes, who runs late, whose promise will break, whose tracker is silent."""

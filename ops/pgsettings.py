"""The settings of the private cluster, meant for a small machine that does other things too."""

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "120",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "datestyle": "'iso, ymd'",
    "default_text_search_config": "'pg_catalog.simple'",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_min_duration_statement": "2s",
    "idle_in_transaction_session_timeout": "10min",
}
# For tests only: a power cut may lose the cluster; a killed process loses nothing, so synchronous_commit stays on.
FAST_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}

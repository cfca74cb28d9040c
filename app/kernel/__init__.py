"""What every room stands on: configuration, time, ids, tenancy, audit, outbox, problems, HTTP conventions, tasks."""

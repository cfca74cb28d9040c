"""What phones are told while nobody looks at them: Web Push for new and changed work. Everything works without it."""

"""What customers are told: texts and mails that wait in a table until a gateway has taken each of them once."""

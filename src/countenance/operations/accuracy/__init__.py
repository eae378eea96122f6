"""How often answers are right in operation, from what people say of them in reviews."""

"""A person at the front end: a real browser, a real Home Assistant, two languages."""

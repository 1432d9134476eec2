"""Whom to call and what to post: lists and notices are prepared here, people send them."""

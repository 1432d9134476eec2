"""Whom the questionnaire asks: a stratified draw with weights, and what its answers estimate."""

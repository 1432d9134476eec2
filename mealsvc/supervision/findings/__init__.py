"""Findings to closure: orders, replies, re-inspections, referrals, interviews, suspensions."""

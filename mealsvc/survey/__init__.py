"""The survey of a district (摸排), what follows from it (研判), and its report (调研报告)."""

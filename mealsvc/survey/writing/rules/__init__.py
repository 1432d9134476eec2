"""How a survey report is worded and put together: pure functions of its figures."""

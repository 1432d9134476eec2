"""The forms A to E of a survey: what is asked, and what an answer has to be."""

"""A lead followed to the end: questions, answers, a verdict, held lines, money taken back."""

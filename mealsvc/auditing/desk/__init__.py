"""The auditor's desk: leads by weight with a picture of their evidence."""

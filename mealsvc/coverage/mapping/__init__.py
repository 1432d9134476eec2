"""The district as a drawing: where elders live, where points stand, what lies within reach of none."""

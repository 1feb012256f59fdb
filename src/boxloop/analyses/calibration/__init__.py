"""Are probabilities, errors and distributions what they say?"""

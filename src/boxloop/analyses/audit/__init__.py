"""Is the result what it seems?"""

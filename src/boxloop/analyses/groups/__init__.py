"""For whom does the model fail?"""

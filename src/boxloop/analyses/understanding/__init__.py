"""What does the model rest on, and where does it go wrong?"""

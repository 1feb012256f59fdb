"""How good is every model, and which is better?"""

"""How do the scores fall where data get worse?"""

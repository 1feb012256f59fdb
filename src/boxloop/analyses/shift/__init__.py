"""Are the training objects like those that the model is for?"""

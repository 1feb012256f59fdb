"""Predictions of somebody else, judged beside our models."""

"""Lets the genuine mlflow client use the sign-in of `maestro login`."""

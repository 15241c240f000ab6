"""The one engine for everything scarce: pools of places, claims on them, waiting lists and lotteries. It knows neither
what a place is nor who a person is, and it never gives out more than there is.
"""

"""Laws that hold for every back end: typed in, typed out."""

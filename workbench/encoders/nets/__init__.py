"""The torch modules of the encoders; imported only when one is built, never by declarations."""

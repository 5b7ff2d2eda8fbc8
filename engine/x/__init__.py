"""The one door to X: client, streams, sign-in, prices, errors. Nothing else in Canales knows X's wire."""

"""The final model from the candidates: out-of-fold ensemble, calibration."""

"""How unusual a night is: baselines, surprises, the outlier model and its calibration."""

"""Forms and controls for notebooks, thin shells over the rooms below: no arithmetic, no rule of the method."""

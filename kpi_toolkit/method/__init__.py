"""What an appraisal system is: designs, curves, scores, tiers, checks. Values in, values out; no file, no clock."""

"""What if: other cuts, other policies, other months. Pure: the same tables under a changed design or actual."""

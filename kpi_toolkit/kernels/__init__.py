"""Warm kernels: forked from a process that has everything loaded, used once, watched, limited."""

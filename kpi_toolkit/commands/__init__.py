"""The commands of ``kpi``: each reads its options, calls the package and shows what came back."""

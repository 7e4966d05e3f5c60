"""The labeling page: what a person sees and does in a browser."""

"""The step-by-step page: story, layout, SVG, panels, and the files it is made of."""

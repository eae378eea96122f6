"""Plots of evaluations: each is a `Figure`, with an SVG, a text alternative and its numbers."""

from countenance.evaluation.plots.curves import NamedCurve, det_plot

__all__ = ["NamedCurve", "det_plot"]

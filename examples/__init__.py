"""Example data, generated: none of it comes from a real business."""

"""Reports: their numbers against what was done, their JSON, their pages."""

"""What goes over the wire of the `/v1` API, one module per subject."""

"""FlowQL."""

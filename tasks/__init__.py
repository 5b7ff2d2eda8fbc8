"""What the workers do: queues and jobs. A job carries ids only and may be lost, doubled or late without harm."""

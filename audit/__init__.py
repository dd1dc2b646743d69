"""segaudit audits the network segmentation of Kubernetes clusters."""

"""What differs between two snapshots: isolation, default deny, connections, findings, policies.

Both are evaluated by this version and with one configuration, so that a difference is one of the clusters.
Workloads are compared, not pods: a pod that was renamed is its workload's pod. What could not be assessed in
one of the snapshots is told as that, and is neither a loss nor a gain.
"""

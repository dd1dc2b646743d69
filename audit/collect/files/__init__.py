"""Snapshots of files: directories of manifests, what kubectl prints, support bundles, snapshot files.

**Which kinds an input answers for.** That no NetworkPolicy was read means that
there is none only where NetworkPolicies would have been there:

- A directory (or archive) of manifests is taken as the whole: what is not in it, is not.
- A support bundle answers for the kinds that it has files of, and for nothing else. A file of errors
  makes its kind `forbidden`, or `partial` where other namespaces could be listed.
- A single file, or stdin, is taken as the whole too, with two exceptions. If it consists of lists of one
  kind each (`PodList`, or a `List` with items of one kind), it answers for those kinds. If it is a server's
  answer without any kind beyond those of `kubectl get all`, which leaves out NetworkPolicies, Namespaces and
  Ingresses, it answers for the kinds of `kubectl get all`.
- A list with a continue token, or a count of remaining items, makes its kinds `partial`.

A kind that the input does not answer for is `not asked`, and checks that need it are not assessed.
"""

from audit.collect.files.read import collect_files

__all__ = ["collect_files"]

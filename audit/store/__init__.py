"""Where runs are kept: a folder of this machine, or one of an object store; a folder in it for each run.

**A run's folder** is named TIME-ID, so that names sort by time: `20261123T020000Z-nightly-29384_5f2c9a01`.
Its files are written first, `manifest.json` last: that is the commit, for object stores cannot rename.
Nothing that is there is ever written over.

**Its id** is the name of the Job that it runs for, or one of its own. A Job whose pod failed begins another;
that one continues the Job's run: if it was committed nothing is written again, and else it is written anew.
Each attempt has a folder of its own, for what the failed one left, or still writes if its node is merely out
of reach, must not be among its files. Should two attempts of a Job both get as far as to commit, both folders
are whole; the first by name is the run, and the other is not counted (`Store.runs`). No lock is needed for
that, and no clock that is right.

**The chain**: `previous` in a manifest is the hash of the one that was the newest when it was written. Runs
that are written at the same time do not know of each other, so that both name the same one. Then the next
names the newest of them as `previous`, and the others, by their folders, in `beside`: in the end every
manifest is named by a later one, which `verify` holds it against.

**What is removed**: a run that is too old (`retention`) leaves its manifest behind under the name of STUB, so
that the chain can still be followed. That is written first, then manifest.json goes, then the rest: cut short
anywhere it is a whole run or a removed one, and the next time goes on with it.
"""

from audit.store.places import open_place
from audit.store.retention import retain
from audit.store.store import STUB, Begun, Listing, Run, Store, open_store

__all__ = ["STUB", "Begun", "Listing", "Run", "Store", "open_place", "open_store", "retain"]

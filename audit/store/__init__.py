"""Where runs are kept: a folder of this machine, or one of an object store; a folder in it for each run.

**A run's folder** is named TIME-ID, so that names sort by time: `20261123T020000Z-nightly-29384_5f2c9a01`.
Its files are written first, `manifest.json` last: that is the commit, for object stores cannot rename.
Nothing that is there is ever written over.

**Its id** is the name of the Job that it runs for, or one of its own. A Job whose pod failed begins another;
that one continues the Job's run: if it was committed nothing is written again, and else it is written anew.
Each attempt has a folder of its own, for what the failed one left, or still writes if its node is merely out
of reach, must not be among its files.

**Of the attempts of a Job one is its run**, whatever they do at the same time, and without locks or clocks
that are right. Before it writes manifest.json an attempt makes `jobs/JOB.json` (`commits`), which it can only
do if that is not there. It names the attempt's folder, and holds the bytes of its manifest.json.

| an attempt | then |
|---|---|
| finds no record, and makes one | it is the run, and writes its manifest.json |
| finds that another made one | it writes that one's manifest.json if need be, and removes its own files |
| is killed before its record | its folder stays without manifest.json; the next one has a folder of its own |
| is killed between record and manifest.json | the next one, or `retention`, writes what the record holds |
| is thought dead, and goes on | it finds the record of the next one, or the next one finds its |

A store that cannot write exclusively (an object store that ignores `If-None-Match`, a file system without
hard links) may take two records at the same time; then both runs are whole, the first by name is the run, and
the other does not count (`Listing.again`).

**The chain**: `previous` in a manifest is the hash of the one that was the newest when it was written. Runs
that are written at the same time do not know of each other, so that both name the same one. Then the next
names the newest of them as `previous`, and the others, by their folders, in `beside`: in the end every
manifest is named by a later one, which `verify` holds it against (`chain`).

**What was sent** of a run, to whom, is recorded in `mail/` (`outbox`): such a record is made exclusively,
too, and before anything is sent, so that nobody gets a mail twice.

**What is removed**: a run that is too old (`retention`) leaves its manifest behind under the name of STUB, so
that the chain can still be followed. That is written first, then manifest.json goes, then the rest: cut short
anywhere it is a whole run or a removed one, and the next time goes on with it. Folders that were not
committed go when nothing was written to them for a week, records of mail with their run.
"""

from audit.store.places import open_place
from audit.store.retention import retain
from audit.store.store import STUB, Begun, Listing, Run, Store, open_store

__all__ = ["STUB", "Begun", "Listing", "Run", "Store", "open_place", "open_store", "retain"]

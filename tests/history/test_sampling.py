"""What a period rests on: which snapshots, how far apart, and which expected ones are missing."""

from datetime import timedelta

import msgspec

from audit.history.sampling import missed, sampled, spacing
from audit.snapshot import Snapshot
from tests.compose.objects import CLOSED, pod, read_in_part
from tests.history.objects import day

DAY = timedelta(days=1)


def test_number_spacing_and_longest_gap_are_told(run):
    records = [run(pod("web"), number) for number in (1, 2, 3, 7, 8)]
    kept, told = sampled(records[::-1])
    assert [record.taken.day for record in kept] == [1, 2, 3, 7, 8]
    assert (told.snapshots, told.spacing) == (5, DAY)
    assert (told.longest, told.longest_after) == (4 * DAY, day(3))
    assert (told.first, told.last) == (day(1), day(8))


def test_a_period_may_be_a_part_of_it(run):
    records = [run(pod("web"), number) for number in (1, 2, 3, 4)]
    assert sampled(records, day(2), day(3))[1].snapshots == 2
    nothing = sampled(records, day(9))[1]
    assert (nothing.snapshots, nothing.first, nothing.spacing, nothing.longest) == (0, None, None, None)
    assert sampled(records, day(4))[1].spacing is None


def test_a_second_run_on_a_snapshot_is_no_second_sample(run):
    twice = [run(pod("web"), 1), run(pod("web"), 1, as_of=day(9)), run(pod("web"), 2)]
    assert (sampled(twice)[1].snapshots, sampled(twice)[1].repeated) == (2, 1)


def test_incomplete_snapshots_are_counted(run, snapshot):
    part = read_in_part(snapshot(pod("web") + CLOSED, 2), {"services": "forbidden"})
    assert sampled([run(pod("web"), 1), run(part, 2)])[1].incomplete == 1


def test_runs_on_another_cluster_than_the_newest_are_left_out(run, snapshot):
    def of(cluster, number):
        taken = snapshot(pod("web"), number)
        provenance = msgspec.structs.replace(taken.provenance, cluster=cluster)
        return run(Snapshot(provenance, {"pods": taken["pods"], "kinds": taken["kinds"]}), number)

    kept, told = sampled([of("staging", 1), of("prod", 2), of("prod", 3)])
    assert ([record.taken.day for record in kept], told.others) == ([2, 3], 1)


def test_the_spacing_is_the_median():
    assert spacing([day(1), day(2), day(3), day(9)]) == DAY
    assert spacing([day(1)]) is None


def test_times_without_a_run_are_missed():
    assert list(missed([day(1), day(2), day(5), day(6)], DAY, day(6))) == [day(3), day(4)]
    assert list(missed([day(1), day(2)], DAY, day(4))) == [day(3)]


def test_a_run_that_is_late_is_not_missed():
    late = day(2) + timedelta(hours=11)
    assert list(missed([day(1), late], DAY, late)) == []
    later = day(2) + timedelta(hours=13)
    assert list(missed([day(1), later], DAY, later)) == [day(2)]


def test_without_any_run_there_is_no_expected_time():
    assert list(missed([], DAY, day(6))) == []

"""The generator makes the clusters that it says, and the benchmarks tell what they found."""

import numpy as np
import pandas as pd
import pytest

from audit.collect.files import collect_files
from audit.facts import evaluate
from audit.frames import SNAPSHOT_TABLES
from audit.settings import Settings
from bench import stages
from bench.__main__ import Row, growth, main, table
from bench.generate import Options, cluster
from bench.generate import main as generate
from bench.measure import Cost
from bench.plan import Benchmark, Input, Target, benchmarks

SMALL = Options(pods=300, namespaces=25, policies=80, services=25, nodes=6)


def test_same_options_same_cluster_another_seed_another():
    assert cluster(SMALL).sha256 == cluster(SMALL).sha256
    other = Options(pods=300, namespaces=25, policies=80, services=25, nodes=6, seed=2)
    assert cluster(SMALL).sha256 != cluster(other).sha256


def test_cluster_has_the_sizes_and_the_columns():
    snapshot = cluster(SMALL)
    sizes = [len(snapshot[name]) for name in ("pods", "namespaces", "policies", "services", "nodes")]
    assert sizes == [300, 25, 80, 25, 6]
    assert all(list(snapshot[name].columns) == schema.names for name, schema in SNAPSHOT_TABLES.items())
    assert snapshot["pods"]["host_network"].any()
    assert snapshot["pods"]["phase"].isin(["Succeeded", "Failed"]).any()
    assert set(snapshot["addresses"]["family"]) == {4, 6}


def test_policies_have_no_defects():
    assert not len(evaluate(cluster(SMALL), Settings()).defects)


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_manifests_of_a_cluster_mean_what_the_cluster_means(tmp_path, form):
    file = tmp_path / f"cluster.{form}"
    sizes = (("pods", 300), ("namespaces", 25), ("policies", 80), ("services", 25), ("nodes", 6))
    generate([*(word for name, size in sizes for word in (f"--{name}", str(size))), str(file)])
    read = collect_files(file, taken="2026-01-15T08:00:00Z", tool_version="test")
    assert not len(read["gaps"])
    made, collected = evaluate(cluster(SMALL), Settings()), evaluate(read, Settings())
    for frame, key in (("pods", ["namespace", "pod"]), ("namespaces", ["namespace"])):
        wanted, found = (
            getattr(facts, frame).astype("object").sort_values(key, ignore_index=True)
            for facts in (made, collected)
        )
        pd.testing.assert_frame_equal(found, wanted)
    assert sorted(collected.services["selects"]) == sorted(made.services["selects"])


def test_unique_every_pod_is_its_own_identity():
    facts = evaluate(cluster(Options(pods=300, namespaces=25, policies=80, unique=True)), Settings())
    governed = ~facts.pods["host_network"].to_numpy()
    assert len(np.unique(facts.cluster.identity_of_pod[governed])) == governed.sum()


def test_cidr_per_pod_every_pod_has_a_cell_of_its_own():
    facts = evaluate(cluster(Options(pods=300, namespaces=25, policies=80, cidr_per_pod=True)), Settings())
    blocks = [b for policy in facts.cluster.policies for rule in policy.ingress for b in rule.peers or ()]
    assert sum(getattr(block, "prefix", None) == 32 for block in blocks) == 300


def test_equal_pods_are_of_one_workload_and_all_open_has_no_policy():
    assert len(evaluate(cluster(Options(pods=300, equal=True)), Settings()).workloads) == 1
    assert not len(cluster(Options(pods=300, all_open=True))["policies"])


def test_file_name_of_no_known_form_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        generate([str(tmp_path / "cluster.txt")])
    assert "must end in" in capsys.readouterr().err


def test_every_benchmark_and_floor_is_a_stage_or_a_command():
    for benchmark in benchmarks(full=True):
        names = [] if benchmark.command else [benchmark.name, benchmark.floor]
        assert all(callable(getattr(stages, name)) for name in names)


def test_table_sets_cost_beside_floor_and_target():
    benchmark = Benchmark("evaluate", Input("cluster-1000.zip", 1000), "decode_policies", Target(5, 1000))
    row = Row(benchmark, 1.5, Cost(2.2, 2.0, 400), Cost(0.6, 0.5, 100))
    assert list(table([row]))[-1] == (
        "| evaluate | cluster-1000.zip, 1.5 MB | 2.20 | 2.00 | 400 | 0.50 | 4.0 | 5 s, 1,000 MB | 0.40 |"
    )


def test_table_tells_a_benchmark_that_failed():
    benchmark = Benchmark("evaluate", Input("cluster-1000.zip", 1000), "decode_policies")
    assert "out of memory" in list(table([Row(benchmark, 1.5, None, None, "out of memory")]))[-1]


def test_growth_compares_sizes_of_one_stage():
    rows = [
        Row(Benchmark("check", Input(f"cluster-{pods}.zip", pods), "pass"), 1, Cost(cpu, cpu, 1), None)
        for pods, cpu in ((1_000, 0.5), (10_000, 4.0))
    ]
    assert list(growth(rows))[-1] == "| check | 1,000 to 10,000 | 10 | 8.0 |"


def test_benchmarks_run(capsys, tmp_path):
    assert main(["--only", "help", "--json", str(tmp_path / "figures.json")]) == 0
    assert "| segaudit --help |" in capsys.readouterr().out
    assert '"cpu"' in (tmp_path / "figures.json").read_text()

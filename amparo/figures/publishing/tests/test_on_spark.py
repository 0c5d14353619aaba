"""The same measures of the same file on a Spark cluster: a master and a worker, each a process of its own.

`make soak` alone runs this: Spark takes half a gigabyte to install, and a minute to start.
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark
import pytest
from ibis.backends import BaseBackend

from amparo.figures.publishing.models import Edition
from amparo.figures.publishing.recounting import recount_year
from amparo.figures.publishing.safe_tables import edition_document
from amparo.figures.publishing.snapshot_file import database_engine
from amparo.figures.snapshot.tables import Crossing, Table

from .test_recounting_a_year import change_one, released
from .test_snapshot_files import published

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),  # of Ibis, about DuckDB
]
PROGRAM = Path(pyspark.__file__).parent / "bin" / "spark-class"
LONGEST_START = 300  # seconds; a machine that others share takes half a minute for each process


@contextmanager
def running(what: str, *arguments: str, says: str, log: Path) -> Iterator[str]:
    """Start a daemon of Spark, and yield what it says once it is ready."""
    command = [PROGRAM, f"org.apache.spark.deploy.{what}", "--host", "127.0.0.1", "--webui-port", "0", *arguments]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as daemon:
        try:
            until = time.monotonic() + LONGEST_START
            while not (found := re.search(says, log.read_text())):
                assert daemon.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.2)
            yield found[0]
        finally:
            daemon.terminate()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[str]:
    """The address of a standalone master that has one worker."""
    folder = tmp_path_factory.mktemp("spark")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        master = stack.enter_context(running(
            "master.Master", "--port", "0", says=r"spark://127\.0\.0\.1:\d+", log=folder / "master.log"
        ))  # fmt: skip
        stack.enter_context(running(
            "worker.Worker", "--cores", "1", "--memory", "1g", "--work-dir", str(folder), master,
            says="Successfully registered with master", log=folder / "worker.log",
        ))  # fmt: skip
        yield master


@pytest.fixture(scope="module")
def spark(cluster: str) -> Iterator[BaseBackend]:
    with database_engine(cluster) as database:
        yield database


def test_every_measure_on_spark_is_the_number_on_duckdb_and_in_the_edition(file, spark, cluster, snapshot, paula, now):
    edition = Edition.objects.create(first_day=snapshot.first_day, snapshot=snapshot, drafted_at=now, drafted_by=paula)
    on_spark = file.recount_tables(spark)
    assert set(on_spark) == {*Table, *Crossing}
    assert all(on_spark.values())
    assert on_spark == file.recount_tables()
    assert published(on_spark) == edition_document(edition)["tables"]
    assert counted_by_a_worker(spark, cluster)


def test_a_corrected_year_with_its_crossed_tables_on_spark_is_the_one_that_is_released(
    corrected_year, files_of_the_year, spark, cluster
):
    right = released()
    assert len(files_of_the_year) == 6
    on_spark = recount_year(files_of_the_year, spark)
    assert {key: on_spark[key] for key in ("tables", "crossed")} == right
    assert on_spark == recount_year(files_of_the_year)
    assert counted_by_a_worker(spark, cluster)
    change_one(files_of_the_year[2])
    wrong = recount_year(files_of_the_year, spark)
    assert wrong["tables"] != right["tables"]  # the controls
    assert wrong["crossed"] != right["crossed"]


def counted_by_a_worker(spark: BaseBackend, cluster: str) -> bool:
    """Whether the process of the test only handed out, and did not count itself as with the address `local`."""
    context = spark._session.sparkContext
    executors = context._jsc.sc().statusTracker().getExecutorInfos()
    return context.master == cluster and len(executors) == 2  # of the driver, which has no tasks, and of the worker


def test_without_java_the_command_says_what_to_do(file):
    command = [sys.executable, "-m", "amparo", "figures", "recount", str(file.number), "--in", str(file.folder)]
    environment = {"PATH": "/usr/bin:/bin", "JAVA_HOME": "/nowhere", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/no"}
    found = subprocess.run(
        [*command, "--spark", "spark://127.0.0.1:1"], capture_output=True, text=True, check=False, env=environment
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.splitlines()[-1] == (
        "amparo: Spark did not start at spark://127.0.0.1:1: give its master's address, and install Java."
    )


def test_the_control_a_changed_file_counts_otherwise_on_spark_too(file, spark):
    right = file.recount_tables(spark)
    change_one(file)
    changed = file.recount_tables(spark)
    assert changed != right
    assert changed == file.recount_tables()

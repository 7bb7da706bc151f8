"""The faults that a run must survive, numbered, with the tests that produce each of them."""

from dataclasses import dataclass

GUARD, WORKER, CLUSTER = "tests/test_guard.py::", "tests/test_worker.py::", "tests/test_cluster.py::"
PROCESSES, DISK, DATABASES = (f"tests/faults/test_{name}.py::" for name in ("processes", "disk", "databases"))
STORES, CLOCK, POWER = (f"tests/faults/test_{name}.py::" for name in ("stores", "clock", "power"))
TWICE, KILLS = "tests/faults/test_twice.py::", "tests/test_kills.py::"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault. `tests`: those that produce it, by their names."""

    number: int
    name: str
    tests: tuple[str, ...]


FAULTS = (
    Fault(
        number=1,
        name="kill -9 of a trial",
        tests=(
            f"{KILLS}test_killed_workers_trials_and_fork_servers_lose_nothing_that_was_acknowledged",
            f"{GUARD}test_a_killed_process_is_a_crash",
        ),
    ),
    Fault(
        number=2,
        name="kill -9 of the app",
        tests=(
            f"{PROCESSES}test_a_killed_server_loses_no_run_and_starts_what_waits",
            f"{WORKER}test_a_run_outlives_the_one_who_started_it_and_is_commanded_from_outside",
        ),
    ),
    Fault(
        number=3,
        name="kill -9 of the worker in mid-commit",
        tests=(
            "tests/test_storage_durability.py::test_no_acknowledged_event_is_lost_when_its_writer_is_killed",
            f"{WORKER}test_a_killed_worker_shows_as_interrupted_and_the_run_resumes_with_what_it_had",
        ),
    ),
    Fault(
        number=4,
        name="kill -9 of the fork server",
        tests=(f"{PROCESSES}test_calls_go_on_after_the_fork_server_was_killed",),
    ),
    Fault(
        number=5,
        name="kill -9 of the scheduler",
        tests=(
            f"{CLUSTER}test_where_the_scheduler_dies_the_run_goes_on_here_and_nothing_is_lost",
            f"{PROCESSES}test_who_kills_the_command_of_a_cluster_kills_the_cluster",
        ),
    ),
    Fault(
        number=6,
        name="kill -9 of a cluster worker",
        tests=(f"{CLUSTER}test_a_cluster_gives_the_same_leaderboard_though_a_worker_dies_and_folders_are_not_shared",),
    ),
    Fault(
        number=7,
        name="a trial that does not end in its time",
        tests=(f"{GUARD}test_a_paused_process_stands_still_and_its_deadline_too",),
    ),
    Fault(
        number=8,
        name="a trial that takes too much memory",
        tests=(
            f"{GUARD}test_too_much_memory_is_stopped",
            "tests/test_experiment.py::test_candidates_that_need_too_much_memory_fail_alone_and_say_so",
        ),
    ),
    Fault(
        number=9,
        name="a hang that holds the interpreter",
        tests=(f"{GUARD}test_a_hang_that_holds_the_interpreter_is_stopped_at_the_deadline",),
    ),
    Fault(number=10, name="a segmentation fault", tests=(f"{GUARD}test_a_killed_process_is_a_crash",)),
    Fault(
        number=11,
        name="a result that cannot be pickled",
        tests=(f"{GUARD}test_a_result_that_cannot_be_sent_is_an_error",),
    ),
    Fault(
        number=12,
        name="a score that is not a number",
        tests=(f"{PROCESSES}test_a_candidate_without_a_number_for_a_score_fails_alone",),
    ),
    Fault(
        number=13,
        name="the disk is full",
        tests=(
            f"{DISK}test_a_database_that_cannot_grow_says_so_and_loses_nothing",
            f"{DISK}test_a_disk_that_fills_up_in_mid_run_is_said_and_the_run_resumes",
            "tests/test_preflight.py::test_a_run_short_of_disk_is_told_to_stop_and_not_before",
        ),
    ),
    Fault(
        number=14,
        name="the file system turns read-only",
        tests=(f"{DISK}test_a_file_system_that_turned_read_only_is_said_and_the_run_resumes_later",),
    ),
    Fault(
        number=15,
        name="permission to write is lost",
        tests=(f"{DISK}test_a_permission_lost_in_mid_run_is_said_and_the_run_resumes",),
    ),
    Fault(
        number=16,
        name="the database is locked",
        tests=(f"{DATABASES}test_a_database_that_another_program_holds_is_waited_for_and_then_named",),
    ),
    Fault(
        number=17,
        name="the database is corrupt",
        tests=(
            "tests/test_storage_workspace.py::test_a_damaged_database_is_named_and_left_as_it_is",
            f"{DATABASES}test_after_a_corrupt_database_the_backup_is_restored_and_the_run_resumes",
        ),
    ),
    Fault(
        number=18,
        name="the database is of an older version",
        tests=(
            "tests/test_migrations.py::test_a_workspace_of_the_first_version_keeps_its_rows",
            f"{DATABASES}test_a_run_of_the_first_version_is_trained_to_its_end",
        ),
    ),
    Fault(
        number=19,
        name="the database is of a newer version",
        tests=(
            "tests/test_migrations.py::test_a_workspace_of_a_newer_version_is_refused_and_left_alone",
            f"{DATABASES}test_a_worker_on_a_newer_database_says_so_and_changes_nothing",
        ),
    ),
    Fault(
        number=20,
        name="PostgreSQL goes down in mid-run",
        tests=(f"{DATABASES}test_when_postgresql_stops_in_mid_run_nothing_is_lost_and_the_run_resumes",),
    ),
    Fault(
        number=21,
        name="the object store goes down in mid-upload",
        tests=(f"{STORES}test_a_store_that_breaks_off_in_mid_upload_is_named_and_keeps_the_older_file",),
    ),
    Fault(
        number=22,
        name="a model file is cut short",
        tests=(
            "tests/test_model.py::test_a_truncated_model_says_so",
            f"{POWER}test_a_run_whose_files_were_cut_short_makes_them_again",
        ),
    ),
    Fault(
        number=23,
        name="the clock jumps",
        tests=(
            f"{CLOCK}test_a_clock_that_is_set_back_lets_a_run_neither_wait_nor_take_room_for_ever",
            f"{CLOCK}test_a_run_keeps_its_budget_though_the_clock_jumps_to_and_fro",
        ),
    ),
    Fault(
        number=24,
        name="a second app on one workspace",
        tests=(f"{TWICE}test_two_apps_on_one_workspace_start_what_waits_once",),
    ),
    Fault(
        number=25,
        name="the browser is closed, a button pressed twice",
        tests=(f"{TWICE}test_a_start_pressed_twice_and_a_closed_browser_leave_one_run_that_ends",),
    ),
    Fault(
        number=26,
        name="the power goes",
        tests=(
            f"{POWER}test_a_run_whose_files_were_cut_short_makes_them_again",
            f"{POWER}test_a_database_whose_log_was_cut_anywhere_opens_with_what_was_whole",
        ),
    ),
)

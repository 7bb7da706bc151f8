"""The end of a report: candidates and members, limits and costs, the certificate, how to come by the same model."""

import json
from collections.abc import Mapping
from typing import Any

from engine.config import ExperimentConfig
from engine.figures import chance, figure
from engine.messages import phrase
from exporters.contract import TOLERANCE
from exporters.report_parts.facts import Facts
from exporters.report_parts.html import paragraph, points, section, table, under, verbatim

MOST_CANDIDATES = 15
FINGERPRINT = "tablewright.fingerprint"

MADE = phrase("report_made_title", "What the model is made of")
BLEND = phrase("report_blend", "A blend of {n} candidates: {parts}.")
ALONE = phrase("report_alone", "A single candidate: {parts}.")
TRIED = phrase("report_tried", "Candidates tried in {seconds} seconds of search: {tried}.")
FAILED = phrase("report_failed", "Failed, while the others went on: {n}.")
BOARD = phrase("report_board_label", "Candidates by score over the folds, best first")
NUMBER = phrase("report_number_label", "Number")
FAMILY = phrase("report_family_label", "Model family")
SCORE = phrase("report_board_score_label", "Score")
SPREAD = phrase("report_spread_label", "± over folds")
SECONDS = phrase("report_seconds_label", "Seconds")
SHARE = phrase("report_member_share_label", "Share in the model")
LIMITS = phrase("report_limits_title", "Limits and costs")
SAME_WORLD = phrase(
    "report_same_world",
    "The scores hold for rows that come about as the training rows did. When the world changes, measure again.",
)
INPUTS_KNOWN = phrase(
    "report_inputs_known",
    "Every input must be known at the time of predicting, and may be used for this purpose only if the law allows it.",
)
NO_CAUSES = phrase(
    "report_no_causes", "What matters to the model goes together with the answer; it need not be its cause."
)
RANGES = phrase("report_ranges", "Its ranges hold the truth for {found} of 100 rows; {wanted} were promised.")
SETS = phrase(
    "report_sets",
    "The answers that it does not rule out hold the truth for {found} of 100 rows; {wanted} were promised. It is "
    "unsure for {unsure} of 100 rows.",
)
COSTS = phrase("report_costs_label", "What it costs")
WHAT = phrase("report_what_label", "What")
VALUE = phrase("report_value_label", "Value")
FILE_SIZE = phrase("report_file_size_label", "Size of the file")
ONE_ROW = phrase("report_one_row_label", "Time for one row")
READING_TIME = phrase("report_reading_time_label", "Time to read and check the table")
SEARCH_TIME = phrase("report_search_time_label", "Time for the search")
CERTIFICATE = phrase("report_certificate_title", "Certificate")
COMPARED = phrase(
    "report_compared",
    "The file was compared with the libraries that trained it, on {n} rows, {made} of them made up: the largest "
    "difference is {difference}, at most {allowed} is allowed.",
)
CHECKSUM = phrase("report_checksum_label", "Checksum (SHA-256) of the file")
REPRODUCE = phrase("report_reproduce_title", "How to reproduce it")
AGAIN = phrase(
    "report_again",
    "With the same table and the same versions, this trains the run again from what stands in this page, and compares: "
    "tablewright replay report.html. Where the clock ended the search, its candidates are trained again without one.",
)
RUN = phrase("report_run_label", "Run")
MADE_ON = phrase("report_made_on_label", "Begun")
TABLE_FINGERPRINT = phrase("report_fingerprint_label", "Fingerprint of the table")
SEED = phrase("report_seed_label", "Seed")
SETTINGS = phrase("report_settings_title", "Settings that differ from the usual ones")
USUAL = phrase("report_usual_settings", "All settings are the usual ones.")
VERSIONS = phrase("report_versions_title", "Versions")
LIBRARY = phrase("report_library_label", "Library")
VERSION = phrase("report_version_label", "Version")
HOLDS = phrase(
    "report_holds",
    "This page holds names of columns and categories, and figures about single rows by their number. It asks nothing "
    "of any network. The same figures for programs: model_card.json.",
)


def made_of(facts: Facts) -> str:
    """Return the members of the model, the candidates, and which of them are as good."""
    progress, ties = facts.source.progress, facts.quality.ties
    weights = {member.number: member.weight for member in progress.blend.members} if progress.blend else {}
    rows = [
        [
            result.number,
            facts.family(result.family),
            figure(result.score, 4),
            figure(result.spread),
            f"{result.train_seconds:.1f}",
            chance(weights[result.number]) if result.number in weights else "–",
        ]
        for result in progress.leaderboard[:MOST_CANDIDATES]
    ]
    n_failed = len(progress.failed)
    tried = [
        facts.text(TRIED, tried=progress.n_tried, seconds=f"{facts.source.ready.search_seconds:.0f}"),
        facts.text(FAILED, n=n_failed) if n_failed else "",
    ]
    ended, blend = progress.search_ended, progress.blend
    reasons = [*([ended.reason] if ended else []), *(blend.said if blend else ())]
    head = [facts.text(each) for each in (NUMBER, FAMILY, SCORE, SPREAD, SECONDS, SHARE)]
    return section(
        facts.text(MADE),
        paragraph(_members(facts, len(weights))),
        paragraph(facts.say(ties.said) if ties is not None else ""),
        paragraph(" ".join(filter(None, [*tried, *(facts.say(reason) for reason in reasons)]))),
        table(facts.text(BOARD), head, rows, right=(2, 3, 4, 5)),
        name="made-of",
    )


def shares_of(facts: Facts) -> dict[str, float]:
    """Return the share of each family in the model, the largest first."""
    shares: dict[str, float] = {}
    for member in facts.source.progress.blend.members if facts.source.progress.blend else ():
        shares[member.family] = shares.get(member.family, 0.0) + member.weight
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def _members(facts: Facts, n: int) -> str:
    parts = _parts(facts)
    return facts.text(BLEND, n=n, parts=parts) if n > 1 else facts.text(ALONE, parts=parts) if n else ""


def _parts(facts: Facts) -> str:
    return ", ".join(f"{facts.family(key)} {chance(share)}" for key, share in shares_of(facts).items())


def limits(facts: Facts) -> str:
    """Return what the model does not promise, and what it costs."""
    ready = facts.source.ready
    proof = ready.certificate
    costs = [
        [facts.text(FILE_SIZE), f"{proof.bytes / 1e6:.2f} MB"],
        [facts.text(ONE_ROW), f"{proof.row_microseconds / 1e3:.3f} ms"],
        [facts.text(READING_TIME), f"{ready.read_seconds:.1f} s"],
        [facts.text(SEARCH_TIME), f"{ready.search_seconds:.1f} s"],
    ]
    return section(
        facts.text(LIMITS),
        points([facts.text(SAME_WORLD), facts.text(INPUTS_KNOWN), facts.text(NO_CAUSES), _doubt(facts)]),
        table(facts.text(COSTS), [facts.text(WHAT), facts.text(VALUE)], costs, right=(1,)),
        name="limits",
    )


def _doubt(facts: Facts) -> str:
    decided = facts.source.ready.decided
    if not {"coverage", "wanted"} <= set(decided):
        return ""
    both = {"found": f"{100 * decided['coverage']:.0f}", "wanted": f"{100 * decided['wanted']:.0f}"}
    if "unsure" in decided:
        return facts.text(SETS, **both, unsure=f"{100 * decided['unsure']:.0f}")
    return facts.text(RANGES, **both)


def certificate(facts: Facts) -> str:
    """Return the proof that the file predicts what the libraries predict."""
    proof = facts.source.ready.certificate
    said = facts.text(
        COMPARED,
        n=f"{proof.rows_checked:,}",
        made=f"{proof.n_generated:,}",
        difference=f"{proof.max_abs_diff:.1e}",
        allowed=f"{TOLERANCE:.0e}",
    )
    return section(
        facts.text(CERTIFICATE),
        paragraph(said),
        paragraph(facts.text(CHECKSUM), "quiet"),
        verbatim(proof.sha256),
        name="certificate",
    )


def reproduce(facts: Facts) -> str:
    """Return settings, seed, versions and the fingerprint of the table."""
    source = facts.source
    known: list[list[object]] = [
        [facts.text(RUN), source.run_id],
        [facts.text(MADE_ON), f"{source.created_at:%Y-%m-%d %H:%M} UTC"],
        [facts.text(TABLE_FINGERPRINT), facts.model.metadata.get(FINGERPRINT, "–")],
        [facts.text(SEED), source.config.seed],
    ]
    changed = changed_settings(source.config)
    versions = [[name, number] for name, number in sorted(source.ready.certificate.versions.items())]
    settings = verbatim(json.dumps(changed, ensure_ascii=False, indent=1)) if changed else paragraph(facts.text(USUAL))
    return section(
        facts.text(REPRODUCE),
        paragraph(facts.text(AGAIN)),
        table(facts.text(REPRODUCE), [facts.text(WHAT), facts.text(VALUE)], known, is_titled=True),
        under(facts.text(SETTINGS), settings),
        under(
            facts.text(VERSIONS),
            table(facts.text(VERSIONS), [facts.text(LIBRARY), facts.text(VERSION)], versions, is_titled=True),
        ),
        name="reproduce",
    )


def changed_settings(config: ExperimentConfig) -> dict[str, Any]:
    """Return the settings that differ from the usual ones, as plain data.

    >>> changed_settings(ExperimentConfig(target="left", seconds=60))
    {'target': 'left', 'seconds': 60}
    """
    found: dict[str, Any] = _changed(config.to_json(), ExperimentConfig().to_json())
    return found


def _changed(now: Mapping[str, Any], usual: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in now.items():
        before = usual.get(name)
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            inner = _changed(value, before)
            found |= {name: inner} if inner else {}
        elif value != before:
            found[name] = value
    return found

"""Habits that a contributor is asked for: commit messages, and an index of decisions that is whole."""

import re

import pytest

from tests.commit_message import faults_of

from .hotline import CHECKOUT

DECISIONS = CHECKOUT / "docs/decisions"


def test_a_subject_with_a_reason_is_well():
    assert (
        faults_of("Say that nobody waits now\n\nOperators asked whether the line was down.\n# a comment of git") == []
    )
    assert faults_of("Merge branch 'night'") == []


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("# only a comment", "for which users"),
        ("a" * 73 + "\n\nwhy", "73 signs"),
        ("Say it\nat once\nwhy", "blank line"),
        ("Say it", "body"),
    ],
)
def test_a_message_with_a_fault_is_refused_in_a_sentence(message, fault):
    assert any(fault in sentence for sentence in faults_of(message))


def test_each_decision_stands_in_the_index_once():
    listed = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (DECISIONS / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))

"""The same columns as Amparo's contacts and cases, unencrypted: no keys, no tokens, no ledger."""

from django.conf import settings
from django.db import models

from .words import ENDINGS, KINDS, PARTS, ROLES, SAFE, URGENCIES


class Case(models.Model):
    state = models.CharField(max_length=16, default="new")
    urgency = models.CharField(max_length=10, choices=URGENCIES, default="routine")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    situation = models.TextField(blank=True)
    next_kind = models.CharField(max_length=12, choices=KINDS, blank=True)
    next_due = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)
    team = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="cases")

    class Meta:
        indexes = [models.Index(fields=["next_due"], condition=models.Q(closed_at=None), name="next_first")]

    def __str__(self) -> str:
        return f"L-{self.pk}"


class Contact(models.Model):
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="contacts")
    channel = models.CharField(max_length=8, default="call")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default="open")
    safe_to_talk = models.CharField(max_length=10, choices=SAFE, blank=True)
    limits = models.BooleanField(default=False)
    notes = models.TextField(blank=True)
    caller_role = models.CharField(max_length=20, choices=ROLES, blank=True)
    place = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=8, choices=[("es", "Spanish"), ("qu", "Quechua")], blank=True)
    urgency = models.CharField(max_length=10, choices=URGENCIES, blank=True)
    privacy_choice = models.CharField(max_length=12, choices=SAFE, blank=True)
    heard_of_us = models.CharField(max_length=12, choices=ROLES, blank=True)
    type = models.CharField(max_length=12, choices=ENDINGS, blank=True)
    hard_call = models.CharField(max_length=8, choices=SAFE, blank=True)
    safe_number = models.CharField(max_length=100, blank=True, db_index=True)
    safe_any_hour = models.BooleanField(default=False)
    safe_from = models.TimeField(null=True, blank=True)
    safe_to = models.TimeField(null=True, blank=True)
    safe_who = models.CharField(max_length=100, blank=True)
    safe_voicemail = models.BooleanField(default=False)
    safe_story = models.CharField(max_length=100, blank=True)
    safe_word = models.CharField(max_length=100, blank=True)
    safe_language = models.CharField(max_length=8, choices=[("es", "Spanish"), ("qu", "Quechua")], blank=True)
    safe_wanted = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["operator", "-started"], name="newest_first")]

    def __str__(self) -> str:
        return f"C-{self.pk}"


class Person(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="people")
    part = models.CharField(max_length=20, choices=PARTS)
    code_name = models.CharField(max_length=60)
    names = models.CharField(max_length=100, blank=True, db_index=True)
    gender = models.CharField(max_length=24, choices=ROLES, blank=True)
    languages = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=100, blank=True)
    age = models.PositiveSmallIntegerField(null=True)

    def __str__(self) -> str:
        return self.code_name


class Task(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=12, choices=KINDS)
    words = models.CharField(max_length=400, blank=True)
    due = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"task {self.pk}"


class Entry(models.Model):
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entries", db_index=False)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    words = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-at"], name="entries_first")]

    def __str__(self) -> str:
        return f"entry {self.pk}"

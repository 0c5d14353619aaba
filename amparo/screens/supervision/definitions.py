"""What the month counts: each measure with its definition."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Measure:
    name: str
    label: str | Promise
    definition: str | Promise
    unit: str | Promise = ""  # blank: calls, conversations, or seconds


MEASURES = (
    Measure(
        "offered",
        gettext_lazy("Offered"),
        gettext_lazy("Calls to the line that reached the queue. Who hung up during the opening words is not counted."),
    ),
    Measure(
        "answered",
        gettext_lazy("Answered"),
        gettext_lazy("Offered calls that an operator answered."),
    ),
    Measure(
        "in_time",
        gettext_lazy("Answered within 20 s"),
        gettext_lazy("Offered calls answered at most 20 seconds after they reached the queue."),
    ),
    Measure(
        "abandoned",
        gettext_lazy("Abandoned"),
        gettext_lazy("Offered calls in which the caller hung up before anybody answered, and left no message."),
    ),
    Measure(
        "left_message",
        gettext_lazy("Left a message"),
        gettext_lazy("Offered calls that ended with a number or words to call back, before anybody answered."),
    ),
    Measure(
        "cut_off",
        gettext_lazy("Cut off"),
        gettext_lazy("Offered calls that a fault of the network or of the switchboard ended before anybody answered."),
    ),
    Measure(
        "still_waiting",
        gettext_lazy("Still waiting"),
        gettext_lazy("Offered calls that nobody has answered and that have not ended."),
    ),
    Measure(
        "mean_wait",
        gettext_lazy("Mean wait"),
        gettext_lazy("From reaching the queue to the answer. Mean of the answered calls."),
    ),
    Measure(
        "wait_of_nine_in_ten",
        gettext_lazy("Nine in ten waited at most"),
        gettext_lazy("The shortest wait that nine in ten answered calls did not exceed (90th percentile)."),
    ),
    Measure(
        "longest_wait",
        gettext_lazy("Longest wait"),
        gettext_lazy("The longest wait of an answered call."),
    ),
    Measure(
        "mean_talk",
        gettext_lazy("Mean talk"),
        gettext_lazy(
            "From the answer to the end of the call, holds included. Mean of the answered calls that have ended."
        ),
    ),
    Measure(
        "mean_wrap_up",
        gettext_lazy("Mean wrap-up"),
        gettext_lazy(
            "From the end of the call to the moment in which its contact was first closed. Mean of the answered calls"
            " that have ended and whose contact was closed afterwards, without those that went on in a chat and those"
            " whose contact is forgotten."
        ),
    ),
    Measure(
        "median_talk",
        gettext_lazy("Half talked at most"),
        gettext_lazy("The shortest talk that half of the answered calls that have ended did not exceed (median)."),
    ),
)
WRITTEN = (
    Measure(
        "written",
        gettext_lazy("In writing"),
        gettext_lazy("Conversations that began in writing, by any channel. Calls are apart."),
    ),
    Measure(
        "written_answered",
        gettext_lazy("Answered in writing"),
        gettext_lazy("Conversations in writing that somebody of the line took."),
    ),
    Measure(
        "written_unanswered",
        gettext_lazy("Ended unanswered"),
        gettext_lazy("Conversations in writing that ended before anybody took them."),
    ),
    Measure(
        "written_waiting",
        gettext_lazy("Waiting in writing"),
        gettext_lazy("Conversations in writing that nobody has taken and that have not ended."),
    ),
    Measure(
        "written_mean_wait",
        gettext_lazy("Mean wait in writing"),
        gettext_lazy("From the first message to the moment in which somebody took it. Mean of those answered."),
    ),
    Measure(
        "written_nine_in_ten",
        gettext_lazy("Nine in ten waited in writing"),
        gettext_lazy("The shortest wait that nine in ten answered conversations did not exceed (90th percentile)."),
    ),
)
CONTACTS = Measure(
    "contacts",
    gettext_lazy("Contacts"),
    gettext_lazy("Conversations recorded that began on these days, by any channel, also those entered by hand later."),
    gettext_lazy("contacts"),
)
DONE = (
    Measure(
        "cases",
        gettext_lazy("Cases opened"),
        gettext_lazy("Cases opened on these days, also those that are closed by now."),
        gettext_lazy("cases"),
    ),
    Measure(
        "reports",
        gettext_lazy("Police reports sent"),
        gettext_lazy(
            "Reports sent to a unit of the police or the prosecution, also those whose sending was cancelled later."
        ),
        gettext_lazy("reports"),
    ),
    Measure(
        "referrals",
        gettext_lazy("Referrals sent"),
        gettext_lazy("Requests to a service to help a person, whatever it answered."),
        gettext_lazy("referrals"),
    ),
    Measure(
        "holds",
        gettext_lazy("Beds held"),
        gettext_lazy("Times that beds of one house were held for people of a case, whether they came or not."),
        gettext_lazy("holds"),
    ),
    Measure(
        "returned",
        gettext_lazy("Return calls answered"),
        gettext_lazy("Calls by the line that began on these days and that somebody answered. Practice is not counted."),
        gettext_lazy("calls"),
    ),
)

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    name = "amparo.care.referrals"
    label = "referrals"
    requests_of_a_case = "clock.requests_of_a_case"
    says_more_of_entries = "ReferralEvent"
    bearers_may_call = ("referrals_events_for_bearer",)
    codes_of_files = ("R", "referrals_numbers")
    retention = {"referral": 5 * 365}  # days after a record of this class is closed

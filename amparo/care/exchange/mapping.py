"""Our picklists and those of HTCDS v2.0.

A value without an equivalent is missing here, never mapped to a similar one.
"""

from amparo.care.cases.picklists import Closing, EventKind, State
from amparo.care.consent.picklists import Data
from amparo.care.people.picklists import Gender
from amparo.care.screening.models import Body, Status
from amparo.care.screening.picklists import Means, Purpose, Result
from amparo.line.contacts.picklists import Language

STATUS = {
    State.NEW: "Active", State.ACTIVE: "Active", State.FOLLOW_UP: "FollowUp", State.CLOSED: "Closed",
    State.CLOSED_REFERRED: "ClosedReferred",
}  # fmt: skip
STATES = {
    "Active": State.ACTIVE, "FollowUp": State.FOLLOW_UP, "Closed": State.CLOSED, "ClosedReferred": State.CLOSED_REFERRED
}  # fmt: skip
# we write the reasons of Amparo as codes; reasons of others, and those that a line added, stay text
CLOSINGS = {str(closing): closing for closing in Closing}
GENDER = {
    Gender.FEMININE: "Feminine", Gender.MASCULINE: "Masculine", Gender.TRANSGENDER_FEMININE: "TransgenderFeminine",
    Gender.TRANSGENDER_MASCULINE: "TransgenderMasculine", Gender.NON_CONFORMING: "NonConforming",
    Gender.UNKNOWN: "NonSpecifiedUnknown",
}  # fmt: skip
GENDERS = {theirs: ours for ours, theirs in GENDER.items()}
LANGUAGE = {Language.SPANISH: "spa", Language.QUECHUA: "que", Language.AYMARA: "aym", Language.ENGLISH: "eng"}
LANGUAGES = {theirs: ours for ours, theirs in LANGUAGE.items()}
EVENT = {
    EventKind.RECRUITMENT: "Recruitment", EventKind.TRANSIT: "Transit", EventKind.EXPLOITATION: "Exploitation"
}  # fmt: skip
EVENTS = {theirs: ours for ours, theirs in EVENT.items()}
RESULT = {  # "victim" is never ours to say: a competent body decides it
    Result.POSSIBLE_VICTIM: "PossibleVictimOfTrafficking", Status.ACTUAL_VICTIM: "ActualVictimOfTrafficking",
    Status.NOT_A_VICTIM: "NotAVictimOfTrafficking",
}  # fmt: skip
BODY = {
    Body.PROSECUTION: "CourtOrProsecution", Body.POLICE: "Police", Body.GOVERNMENT: "NonPoliceGovernmentalOrganization"
}  # fmt: skip
CONTEXTS = ("VictimContext", "HistoricTraffickingEvent", "PerpetratorContext")

# The key of an item answered with yes -> a value of vic_TypeOfExploitation.
EXPLOITATION = {
    f"purpose.{Purpose.SEXUAL}": "SexualExploitation", f"purpose.{Purpose.FORCED_LABOUR}": "ForcedLabour",
    f"purpose.{Purpose.SERVITUDE}": "Servitude", f"purpose.{Purpose.BEGGING}": "ForcedBegging",
    f"purpose.{Purpose.ORGANS}": "OrganRemoval", f"purpose.{Purpose.LABOUR_EXPLOITATION}": "Other",
    f"purpose.{Purpose.SLAVERY}": "Other", f"purpose.{Purpose.CHILD_SALE}": "Other",
    f"purpose.{Purpose.OTHER}": "Other",
}  # fmt: skip

# The same for vic_MethodsOfControl.
CONTROL = {
    f"means.{Means.FORCE}": "PhysicalAbuse", f"means.{Means.DECEPTION}": "FalsePromises",
    f"means.{Means.FRAUD}": "FalsePromises", "coercive_recruitment.violence_victim": "PhysicalAbuse",
    "coercive_recruitment.threat_violence": "PhysicalThreats", "coercive_recruitment.debt_bondage": "DebtBondage",
    "coercive_recruitment.documents_taken": "WithholdsDocuments",
    "coercive_recruitment.threat_denounce": "ThreatsLawEnforcement",
    "coercive_recruitment.violence_family": "ThreatensChildrenFamily",
    "coercive_recruitment.money_withheld": "RestrictsFinancialAccess",
    "coercion_destination.documents_taken": "WithholdsDocuments", "coercion_destination.debt_bondage": "DebtBondage",
    "coercion_destination.violence_victim": "PhysicalAbuse", "coercion_destination.threat_violence": "PhysicalThreats",
    "coercion_destination.threat_denounce": "ThreatsLawEnforcement",
    "coercion_destination.violence_family": "ThreatensChildrenFamily",
    "coercion_destination.wages_withheld": "TakesEarnings", "exploitation.excessive_hours": "ExcessiveWorkingHours",
    "exploitation.bad_living": "WithholdsNecessities",
}  # fmt: skip

OF_AN_EVENT = frozenset({"hte_Type", "hte_Country", "hte_City", "hte_State", "hte_Date", "hte_Description"})

# Fields of a person that do not identify them: they leave without a consent for identity. All other prs_ fields do
# identify.
NOT_IDENTIFYING = frozenset({
    "prs_Gender", "prs_Citizenship", "prs_PrimaryLanguage", "prs_SecondaryLanguage", "prs_Deceased",
    "prs_MaritalStatus", "prs_NumberOfChildren", "prs_HighestLevelOfEducation",
})  # fmt: skip
NAMES = ("prs_FirstName", "prs_MiddleName", "prs_SecondName")
IDENTITY = {  # our column -> the field
    "born": "prs_Birthdate", "document": "prs_IdentityNumber", "phone": "prs_MobilePhone",
    "address": "prs_MailingStreet",
}  # fmt: skip
IDENTITY_FIELDS = {  # data of a consent -> our column -> the field
    Data.SUBJECT_IDENTITY: {"names": NAMES[0]},
    Data.SUBJECT_DOCUMENT: {column: IDENTITY[column] for column in ("born", "document")},
    Data.SUBJECT_CONTACT: {"phone": IDENTITY["phone"]},
    Data.SUBJECT_WHEREABOUTS: {"address": IDENTITY["address"]},
}

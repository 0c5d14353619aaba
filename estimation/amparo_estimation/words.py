"""The sentences of an estimate: verdicts, flags and warnings. They are fixed, so that a program can translate them."""

NOT_ENOUGH = "Not enough data: these lists cannot say how many people they have not seen."
DISAGREE = "The models disagree: publish the range and the interval, never one number."
WITHHELD = "No estimate: nothing was found that could be published."
ESTIMATED = "Publish the interval with its warnings, never one number."
LOWER_END = (
    "Publish only the lower end, as “at least”: models in which some people are harder to see than others fit no "
    "worse, and give more."
)
TWO_LISTS_ONLY = "Do not publish it: with two lists nothing can test whether one list leads people to the other."
TOO_FEW_TWICE = "Do not publish it: fewer than thirty people are on two or more lists."

# flags of one result
SPARSE = "Some lists that the model joins share nobody, so a term of it has no finite estimate."
NO_ESTIMATE = "For some resamples no model had an estimate; they were left out of the interval."
AT_OBSERVED = "The interval begins close to the number observed: the lists hardly speak of hidden people."
WIDE = "The upper end of the interval is more than three times the lower end."
NEAR_MODELS_DIFFER = "Models that fit almost as well lie outside half or double of this estimate."
BEST_MODELS_ONLY = "The resamples chose among the best models of the data, not among all."
TWO_LISTS = "With two lists nothing can test whether one list leads people to the other."
NO_INTERVAL = "There is no interval: the point says nothing of its doubt."

# warnings of the estimate
TOO_LOW = "If some people are harder to see than others, this is too low."
NEVER_SEEN = "Lists cannot show whom none of them could ever see."
AT_LEAST = (
    "At least about %(people)s people, even if some are harder to see than others, as long as no list leads people to "
    "another."
)
IF_RELATED = (
    "If, of each two lists that the model does not join, being on one doubled the odds of being on the other, there "
    "would be about %(people)s people."
)
OF_ONE_MODEL = "The interval is of one model: it does not hold the doubt about the choice of the model."
IF_UNSEEN = "If no list could ever see a fifth of the people, there would be about %(people)s people."
NO_POINT_IS_KNOWN = "The lists cannot say which point is true: ask those who know how the agencies work."
RANGE_OF_MODELS = "A range of models, from the smallest to the largest of their estimates: it is not an interval."
AGREEMENT = "That methods or models agree is not evidence that they are right."
SAME_PERSON = (
    "It assumes that a person is recognised on every list: missed matches raise the estimate, false ones lower it."
)
FEW_OVERLAP = "Fewer than thirty people are on two or more lists: the estimate rests on them alone."
NO_OVERLAP = "Fewer than seven people are on two or more lists."
NO_MODEL = "Even the simplest model has no estimate for these lists."
EMPTY_LIST = "A list with nobody on it was left out."
BIC_LEFT_OUT = "The method bic was left out: for more than six lists there are too many models to try them all."
NOT_CONVERGED = "The result of the method latent is withheld: its chains do not agree with each other."
LIST_DECIDES = "Leaving out one list moves the estimate outside the interval."

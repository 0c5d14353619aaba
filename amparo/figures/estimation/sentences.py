"""The sentences of `amparo_estimation`, so that the catalogues find them. A test compares the two."""

from django.utils.translation import gettext_noop as _

SENTENCES = (
    _("Not enough data: these lists cannot say how many people they have not seen."),
    _("The models disagree: publish the range and the interval, never one number."),
    _("Publish the interval with its warnings, never one number."),
    _(
        "Publish only the lower end, as “at least”: models in which some people are harder to see than others fit no "
        "worse, and give more."
    ),
    _("Do not publish it: with two lists nothing can test whether one list leads people to the other."),
    _("Do not publish it: fewer than thirty people are on two or more lists."),
    _("If some people are harder to see than others, this is too low."),
    _(
        "At least about %(people)s people, even if some are harder to see than others, as long as no list leads people "
        "to another."
    ),
    _(
        "If, of each two lists that the model does not join, being on one doubled the odds of being on the other, "
        "there would be about %(people)s people."
    ),
    _("The interval is of one model: it does not hold the doubt about the choice of the model."),
    _("If no list could ever see a fifth of the people, there would be about %(people)s people."),
    _("The lists cannot say which point is true: ask those who know how the agencies work."),
    _("A range of models, from the smallest to the largest of their estimates: it is not an interval."),
    _("Some lists that the model joins share nobody, so a term of it has no finite estimate."),
    _("For some resamples no model had an estimate; they were left out of the interval."),
    _("The interval begins close to the number observed: the lists hardly speak of hidden people."),
    _("The upper end of the interval is more than three times the lower end."),
    _("Models that fit almost as well lie outside half or double of this estimate."),
    _("The resamples chose among the best models of the data, not among all."),
    _("With two lists nothing can test whether one list leads people to the other."),
    _("There is no interval: the point says nothing of its doubt."),
    _("Lists cannot show whom none of them could ever see."),
    _("That methods or models agree is not evidence that they are right."),
    _("It assumes that a person is recognised on every list: missed matches raise the estimate, false ones lower it."),
    _("Fewer than thirty people are on two or more lists: the estimate rests on them alone."),
    _("Fewer than seven people are on two or more lists."),
    _("Even the simplest model has no estimate for these lists."),
    _("A list with nobody on it was left out."),
    _("The method bic was left out: for more than six lists there are too many models to try them all."),
    _("The result of the method latent is withheld: its chains do not agree with each other."),
    _("No estimate: nothing was found that could be published."),
    _("Leaving out one list moves the estimate outside the interval."),
    _("The file is empty: give one row of list names, and at least one row below it."),
    _("The file is not text in UTF-8: save it as CSV in UTF-8."),
    _("The file cannot be read: %(why)s."),
    _("Row %(row)s is not CSV: write one line for each row, with commas."),
    _("Row %(row)s has %(columns)s columns, the first row has %(expected)s: give both the same."),
    _("Row %(row)s is on no list: remove it, because nobody can be counted whom no list saw."),
    _("Row %(row)s repeats the history of row %(first)s: join the two, and add their counts."),
    _("Row 1 holds numbers: write the names of the lists there, and the numbers below them."),
    _("Row 1 names fewer than two lists: an estimate needs two lists or more, each a column of 0 and 1."),
    _("Row 1 names %(lists)s lists: join some of them, %(most)s is the most."),
    _("Row 1, column %(column)s has no name: name each list."),
    _("Row 1, column %(column)s repeats the name of another one: give each list a name of its own."),
    _("Row 1, column %(column)s has six digits or more: name the list, never a person or a document."),
    _("Row %(row)s, column %(column)s is neither 0 nor 1: write 1 for on the list and 0 for not on it."),
    _("Row %(row)s, column %(column)s is no count: write a whole number, zero or more."),
)

# The stepwise choice of amparo_estimation in plain R, by its own glm.fit: bench/estimation.py runs both on the same data.
#
#     Rscript bench/estimation.R LISTS.csv RESAMPLES
#
# Prints the estimate and the CPU seconds of choosing the model anew in each resample. It does not ask whether an
# estimate exists, which ours does.

THRESHOLD <- 0.02 # p-value below which a pair of lists enters the model

choose_and_estimate <- function(counts, histories, pairs) {
  together <- sapply(pairs, function(pair) histories[, pair[1]] * histories[, pair[2]])
  chosen <- integer(0)
  repeat {
    impossible <- chosen[colSums(together[, chosen, drop = FALSE] * counts) == 0]
    kept <- rowSums(together[, impossible, drop = FALSE]) == 0
    terms <- cbind(1, histories, together[, setdiff(chosen, impossible), drop = FALSE])[kept, , drop = FALSE]
    fitted <- glm.fit(terms, counts[kept], family = poisson())
    expected <- colSums(together[kept, , drop = FALSE] * fitted$fitted.values)
    observed <- colSums(together * counts)
    p <- pmin(ppois(observed, expected), ppois(observed - 1, expected, lower.tail = FALSE))
    p[chosen] <- 1
    if (min(p) >= THRESHOLD) return(sum(counts) + exp(fitted$coefficients[[1]]))
    chosen <- c(chosen, which.min(p))
  }
}

given <- commandArgs(trailingOnly = TRUE)
lists <- read.csv(given[1])
histories <- as.matrix(expand.grid(rep(list(0:1), ncol(lists) - 1)))[-1, ]
place <- function(rows) as.vector(as.matrix(rows) %*% 2^(seq_len(ncol(histories)) - 1))
counts <- numeric(nrow(histories))
counts[place(lists[, -ncol(lists)])] <- lists[[ncol(lists)]]
pairs <- combn(ncol(histories), 2, simplify = FALSE)

set.seed(1)
options(warn = -1) # of resamples in which some fitted counts are near zero
people <- choose_and_estimate(counts, histories, pairs)
begun <- proc.time()
for (resample in rmultinom(as.integer(given[2]), sum(counts), counts) |> asplit(2)) {
  choose_and_estimate(as.vector(resample), histories, pairs)
}
cat(people, sum((proc.time() - begun)[c("user.self", "sys.self")]), "\n")

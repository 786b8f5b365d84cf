"""Sinkhorn-Knopp: share a batch out over prototypes so that each gets the same amount."""

from __future__ import annotations

import math

from workbench.lazy import torch


def sinkhorn(scores: torch.Tensor, epsilon: float, iterations: int) -> torch.Tensor:
    """float32 (B, K): how much of each sample each prototype gets; rows sum to 1. No gradient.

    scores: float (B, K), similarities of B samples to K prototypes. epsilon: how soft the shares
    are; towards 0 each sample goes to one prototype, for large ones to all alike. iterations: with
    many, columns sum to B / K; with 0, the rows are a softmax and nothing is balanced.

    M. Cuturi 2013, arXiv 1306.0895, as in SwAV, arXiv 2006.09882, equations 3 to 5:
    Q = diag(u) exp(scores / epsilon) diag(v). In logarithms, so that no epsilon overflows.
    """
    with torch.no_grad():
        log_q = scores.float() / epsilon
        samples, prototypes = scores.shape
        for _ in range(iterations):
            log_q = log_q - log_q.logsumexp(dim=0) - math.log(prototypes)
            log_q = log_q - log_q.logsumexp(dim=1, keepdim=True) - math.log(samples)
        return log_q.softmax(dim=1)

"""Pre-norm transformer blocks, for patches and words, and the attention that they share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

# Without cuDNN's kernel, which is built anew for each length of text: hundreds of milliseconds.
_KERNELS = [SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION, SDPBackend.MATH]


def attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, allowed: torch.Tensor | None = None
) -> torch.Tensor:
    """softmax(q k^T / sqrt(d)) v, float (B, heads, L, d) (Vaswani et al., 1706.03762, equation 1).

    allowed: bool, broadcast to (B, heads, L of q, L of k): which keys each query may see, at least
    one; None for all.
    """
    if q.device.type == "cuda":
        with sdpa_kernel(_KERNELS):
            return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    if q.device.type != "cpu" or q.dtype is not torch.bfloat16 or not torch.is_grad_enabled():
        return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
    # In bf16 on a processor, the backward pass of torch 2.13's own takes five times as long.
    with torch.autocast("cpu", enabled=False):
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        if allowed is not None:
            scores = scores.masked_fill(~allowed, -torch.inf)
        mixed: torch.Tensor = scores.softmax(dim=-1) @ v
        return mixed


class TransformerBlock(nn.Module):
    """Attention and MLP, each after a layer norm and added to its input."""

    def __init__(self, dim: int, heads: int, expand: int = 4, dropout: float = 0.0):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.join = nn.Linear(dim, dim)
        self.mlp_norm = nn.LayerNorm(dim)
        self.mlp = _mlp(dim, expand)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, allowed: torch.Tensor | None = None) -> torch.Tensor:
        """float (B, L, dim) of x, float (B, L, dim); allowed: as in ``attend``."""
        q, k, v = _split(self.qkv(self.attention_norm(x)), 3, self.heads)
        x = x + self.dropout(self.join(_merge(attend(q, k, v, allowed))))
        out: torch.Tensor = x + self.dropout(self.mlp(self.mlp_norm(x)))
        return out


class DecoderBlock(nn.Module):
    """A decoder block: causal self-attention, attention to a memory, and MLP.

    Each comes after a layer norm and is added to its input.
    """

    def __init__(self, dim: int, heads: int, expand: int = 4):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(dim)
        self.query = nn.Linear(dim, dim)
        self.key_value = nn.Linear(dim, 2 * dim)
        self.join = nn.Linear(dim, dim)
        self.memory_norm = nn.LayerNorm(dim)
        self.memory_query = nn.Linear(dim, dim)
        self.memory_key_value = nn.Linear(dim, 2 * dim)
        self.memory_join = nn.Linear(dim, dim)
        self.mlp_norm = nn.LayerNorm(dim)
        self.mlp = _mlp(dim, expand)

    def forward(
        self,
        x: torch.Tensor,
        memory: torch.Tensor,
        seen: torch.Tensor | None = None,
        past: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The block's output, float (B, T, dim), and the ``past`` for the next call.

        x: float (B, T, dim). memory: float (B, M, dim); seen: bool (B, M), which of it may be
        seen, None for all. past: float (B, P, dim), as returned for the P tokens before x;
        the one returned is float (B, P + T, dim).
        """
        normed = self.attention_norm(x)
        so_far = normed if past is None else torch.cat([past, normed], dim=1)
        (q,) = _split(self.query(normed), 1, self.heads)
        k, v = _split(self.key_value(so_far), 2, self.heads)
        places = torch.arange(so_far.shape[1], device=x.device)
        earlier = places <= places[so_far.shape[1] - x.shape[1] :, None]
        x = x + self.join(_merge(attend(q, k, v, earlier)))
        (q,) = _split(self.memory_query(self.memory_norm(x)), 1, self.heads)
        k, v = _split(self.memory_key_value(memory), 2, self.heads)
        x = x + self.memory_join(
            _merge(attend(q, k, v, None if seen is None else seen[:, None, None, :]))
        )
        out: torch.Tensor = x + self.mlp(self.mlp_norm(x))
        return out, so_far


def _mlp(dim: int, expand: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(dim, expand * dim), nn.GELU(), nn.Linear(expand * dim, dim))


def _split(x: torch.Tensor, parts: int, heads: int) -> tuple[torch.Tensor, ...]:
    """``parts`` tensors (B, heads, L, d) of one, float (B, L, parts * heads * d)."""
    batch, length, _ = x.shape
    return x.view(batch, length, parts, heads, -1).permute(2, 0, 3, 1, 4).unbind(0)


def _merge(x: torch.Tensor) -> torch.Tensor:
    """float (B, L, heads * d) of (B, heads, L, d)."""
    return x.transpose(1, 2).flatten(2)

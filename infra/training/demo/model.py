"""The demo model: a small convolutional network for frames, a small transformer for words."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

DIMENSIONS = 512


class ScaledConv(nn.Module):
    """A convolution whose weights are standardised, so that no batch statistics are needed.
    (Brock and others, "High-performance large-scale image recognition without normalization".)"""

    def __init__(self, inputs, outputs, size, stride=1):
        super().__init__()
        # Their scale has no effect but on the speed of learning: each step moves them relative to it.
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size) * 0.08)
        self.gain = nn.Parameter(torch.ones(outputs, 1, 1, 1))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.stride, self.padding = stride, size // 2
        self.fan_in = inputs * size * size

    def standardised(self):
        w = self.weight
        w = w - w.mean((1, 2, 3), keepdim=True)
        w = w / (w.var((1, 2, 3), keepdim=True, unbiased=False) * self.fan_in + 1e-4).sqrt()
        return w * self.gain

    def forward(self, x):
        w = self.standardised().to(x.dtype)
        return F.conv2d(x, w, self.bias.to(x.dtype), self.stride, self.padding)


GAIN = 1.7139588594436646  # keeps the variance through relu


def act(x):
    return F.relu(x) * GAIN


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = ScaledConv(width, width, 3)
        self.amount = nn.Parameter(torch.full((1,), 0.5))

    def forward(self, x):
        return x + act(self.conv(x)) * self.amount.to(x.dtype)


class VisionModel(nn.Module):
    """float32 [n, 3, height, width] → unit vectors [n, 512]."""

    def __init__(self, widths=(24, 48, 96, 144), pooled=320):
        super().__init__()
        a, b, c, d = widths
        self.body = nn.ModuleList([
            ScaledConv(3, a, 5, 2), ScaledConv(a, b, 3, 2), Residual(b),
            ScaledConv(b, c, 3, 2), Residual(c), Residual(c),
            ScaledConv(c, d, 3, 2), Residual(d), Residual(d),
            ScaledConv(d, pooled, 1),
        ])
        self.head = nn.Linear(2 * pooled, DIMENSIONS)
        self.dtype = torch.bfloat16

    def features(self, x):
        x = x.to(self.dtype)
        for layer in self.body:
            x = act(layer(x)) if isinstance(layer, ScaledConv) else layer(x)
        x = x.float()
        return torch.cat([x.mean((2, 3)), x.amax((2, 3)) * 0.5], 1)

    def forward(self, x):
        return F.normalize(self.head(self.features(x)), dim=-1)


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.before = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.between = nn.LayerNorm(width)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def forward(self, x, mask):
        n, length, width = x.shape
        qkv = self.qkv(self.before(x)).view(n, length, 3, self.heads, width // self.heads)
        q, k, v = (qkv[:, :, i].transpose(1, 2) for i in range(3))
        scores = q @ k.transpose(2, 3) / math.sqrt(width // self.heads) + mask
        mixed = (scores.softmax(-1) @ v).transpose(1, 2).reshape(n, length, width)
        x = x + self.out(mixed)
        return x + self.down(F.relu(self.up(self.between(x))))


class TextModel(nn.Module):
    """int64 [n, tokens] and its mask → unit vectors [n, 512]. What is masked changes nothing."""

    def __init__(self, words, max_tokens, width=96, layers=2, heads=4, hidden=256):
        super().__init__()
        self.words = nn.Embedding(words, width)
        self.places = nn.Parameter(torch.randn(max_tokens, width) * 0.3)
        self.blocks = nn.ModuleList([Block(width, heads, hidden) for _ in range(layers)])
        self.last = nn.LayerNorm(width)
        self.head = nn.Linear(width, DIMENSIONS)

    def forward(self, input_ids, attention_mask):
        x = self.words(input_ids) + self.places[: input_ids.shape[1]]
        keep = attention_mask.to(x.dtype)
        mask = (1.0 - keep)[:, None, None, :] * -1e4
        for block in self.blocks:
            x = block(x, mask)
        x = self.last(x) * keep[:, :, None]
        return F.normalize(self.head(x.sum(1) / keep.sum(1, keepdim=True).clamp(min=1).sqrt()), dim=-1)

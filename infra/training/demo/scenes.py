"""Reads a folder that write-scenes.ts wrote."""
import json
import os
import types

import numpy as np
import torch
import torch.nn.functional as F


class Scenes:
    """Pixels stay on disk (mapped); facts and sentences are in memory."""

    def __init__(self, folder):
        with open(os.path.join(folder, "shape.json")) as file:
            self.shape = json.load(file, object_hook=lambda d: types.SimpleNamespace(**d))
        s = self.shape
        self.count = s.count
        self.columns = s.extents + ["foil"] * len(s.foils)
        rows = (s.count, len(self.columns))
        at = lambda name: os.path.join(folder, name)
        edge = (s.count, s.edgePx, s.edgePx, 3)
        self.pixels = np.memmap(at("pixels.u8"), np.uint8, "r", shape=edge)
        self.facts = np.fromfile(at("facts.i16"), np.int16).reshape(s.count, -1)
        things = (self.facts >= 0) & (self.facts < s.facts.things)
        self.thing_counts = things.sum(1)
        self.tokens = np.fromfile(at("tokens.u16"), np.uint16).reshape(*rows, -1).astype(np.int64)
        self.needs = np.fromfile(at("needs.i16"), np.int16).reshape(*rows, -1)

    def truth(self, indices):
        """1 where a scene has a fact: [scenes, facts]."""
        return multi_hot(self.facts[indices], self.shape.facts.total)

    def sentences(self, indices, columns):
        """Token ids [n, length] without needless padding, and needs [n, facts]."""
        tokens = self.tokens[indices, columns]
        length = max(1, int((tokens != 0).sum(1).max()))
        needs = multi_hot(self.needs[indices, columns], self.shape.facts.total)
        return torch.from_numpy(tokens[:, :length]), needs


def multi_hot(ids, total):
    rows = torch.from_numpy(ids.astype(np.int64))
    out = torch.zeros(len(rows), total + 1)
    out.scatter_(1, torch.where(rows < 0, torch.full_like(rows, total), rows), 1.0)
    return out[:, :total]


def is_true_of(needs, facts):
    """[sentences, scenes]: every fact that the sentence needs is the scene's."""
    return needs @ facts.T >= needs.sum(1, keepdim=True) - 0.5


MEAN, STD = 0.5, 0.25


def as_input(pixels, edge):
    """uint8 [n, h, w, 3] as the network's input, without augmentation."""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 255
    x = F.interpolate(x, (edge, edge), mode="bicubic", antialias=True).clamp(0, 1)
    return (x - MEAN) / STD


def augmented(pixels, edge, rng):
    """Crops, mirrors, blurs, tints and adds noise, as cameras, scaling and encoders do.

    The size of the crop and the blur are the batch's, their places each picture's own: that way
    nearly all of the work is done on bytes."""
    n, full = len(pixels), pixels.shape[1]
    height, width = rng.integers(int(full * 0.84), full + 1, 2)
    cut = np.empty((n, height, width, 3), np.uint8)
    for at in range(n):
        y, x = rng.integers(full - height + 1), rng.integers(full - width + 1)
        part = pixels[at, y : y + height, x : x + width]
        cut[at] = part[:, ::-1] if rng.random() < 0.5 else part
    x = torch.from_numpy(cut).permute(0, 3, 1, 2).float()
    kernel = rng.integers(3)
    if kernel == 0:
        x = F.interpolate(x, (edge, edge), mode="area")
    else:
        x = F.interpolate(x, (edge, edge), mode="bilinear", antialias=kernel == 1)
    if rng.random() < 0.3:
        x = torch.lerp(x, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), float(rng.uniform(0, 1)))
    each = lambda low, high: torch.from_numpy(rng.uniform(low, high, (n, 1, 1, 1)).astype(np.float32))
    tint = torch.from_numpy(rng.uniform(-4, 4, (n, 3, 1, 1)).astype(np.float32))
    contrast = each(0.9, 1.1)
    x = x.mul_(contrast).add_((1 - contrast) * 128 + each(-13, 13) + tint)
    if rng.random() < 0.5:
        x.add_(torch.randn(1, 3, edge, edge) * float(rng.uniform(0, 8)))
    return x.clamp_(0, 255).sub_(255 * MEAN).div_(255 * STD)

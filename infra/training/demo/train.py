"""Trains the demo model: train.py <scenes> <held-out scenes> <out.pt> [--images N] [--workers 2]

One thread per worker process, gradients averaged: two threads in one process wait for each other
at every layer, which is slower on shared machines. At SIGTERM it writes its checkpoint, where it
was given one, and ends with 143.
"""
import argparse
import os
import signal
import socket
import sys
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn as nn
import torch.nn.functional as F

from checkpoint import load_training, save, save_training
from measure import measure, told
from model import TextModel, VisionModel
from scenes import Scenes, augmented, is_true_of

BATCH = 384  # of all workers together, unless another is given
SMALL, LARGE = 64, 80
UNKNOWN = 1


class Trainer(nn.Module):
    def __init__(self, shape):
        super().__init__()
        self.vision = VisionModel()
        self.text = TextModel(shape.vocabulary, shape.maxTokens)
        self.facts = nn.Linear(self.vision.head.in_features, shape.facts.total)
        counts = shape.facts
        weights = torch.ones(counts.total)
        weights[: counts.things] = 4
        self.register_buffer("weights", weights, persistent=False)
        self.scale = nn.Parameter(torch.tensor(2.5))
        self.bias = nn.Parameter(torch.tensor(-8.0))

    def name_facts(self, features, truth):
        """What is seen, without sentences. Things are the hardest and count most."""
        losses = F.binary_cross_entropy_with_logits(self.facts(features), truth, reduction="none")
        return (losses * self.weights).sum() / len(truth)

    def loss(self, images, truth, groups):
        """Sentences are compared with all images of the batch, by what is true of them."""
        features = self.vision.features(images)
        pictures = F.normalize(self.vision.head(features), dim=-1)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            texts = [self.text(tokens, tokens != 0) for tokens, _ in groups]
        needs = torch.cat([needs for _, needs in groups])
        fits = is_true_of(needs, truth).float()
        never = torch.cat([(tokens == UNKNOWN).any(1) for tokens, _ in groups])
        fits[never] = 0
        logits = torch.cat(texts).float() @ pictures.T * self.scale.exp()
        count = len(images)
        signs = 2 * fits - 1
        pairs = -F.logsigmoid(signs * (logits + self.bias)).sum() / count
        by_text = contrast(logits, fits)
        by_image = contrast(logits.T, fits.T)
        facts = self.name_facts(features, truth)
        return 0.3 * pairs + 2 * by_text + by_image + 0.3 * facts, (pairs, by_text, by_image, facts)


def contrast(logits, fits):
    """Mean over rows with a match: minus the mean log-softmax of the matches."""
    matches = fits.sum(1)
    has = matches > 0
    logs = F.log_softmax(logits[has], dim=1)
    return -((logs * fits[has]).sum(1) / matches[has]).mean()


def sentence_groups(scenes, indices, rng):
    """Sentences of like length together, so that the short are not padded to the long."""
    columns = np.array(scenes.columns)
    def take(kind, share):
        chosen = indices if share == 1 else rng.choice(indices, int(len(indices) * share), False)
        return chosen, rng.choice(np.flatnonzero(columns == kind), len(chosen))
    for group in ([take("full", 0.6), take("foil", 0.2)], [take("part", 0.5)], [take("one", 0.7)]):
        rows, cols = (np.concatenate(parts) for parts in zip(*group))
        tokens, needs = scenes.sentences(rows, cols)
        spoil = np.flatnonzero(rng.random(len(rows)) < 0.05)
        lengths = (tokens != 0).sum(1).numpy()
        for row in spoil:
            tokens[row, rng.integers(lengths[row])] = UNKNOWN
        yield tokens, needs


def work(rank, args, port, stop):
    os.setsid()
    # It comes when the parent is killed, which itself ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=args.workers)
    torch.manual_seed(7)
    scenes = Scenes(args.scenes)
    trainer = Trainer(scenes.shape)
    if args.start:
        state = torch.load(args.start, weights_only=False)
        trainer.load_state_dict(state.get("trainer", state))
    trainer.vision.to(memory_format=torch.channels_last)
    plain = [p for p in trainer.parameters() if p.ndim < 2]
    heavy = [p for p in trainer.parameters() if p.ndim >= 2]
    groups = [{"params": heavy, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98))
    batch = args.batch // args.workers
    steps = args.images // args.batch
    small_steps = int(steps * args.small)
    alone_steps, single_steps = int(steps * args.alone), int(steps * args.single)
    rng = np.random.default_rng(args.seed + rank)
    started, order, at = time.time(), np.array([], int), 0
    average, first = None, 0
    if args.checkpoint and os.path.exists(args.checkpoint):
        first, average, order, at = load_training(args.checkpoint, trainer, optimizer, rng)
        if rank == 0:
            print(f"going on after step={first}", flush=True)
    for step in range(first, steps):
        if at + batch > len(order) or step == single_steps:
            mine = np.arange(rank, scenes.count, args.workers)
            if step < single_steps:
                mine = mine[scenes.thing_counts[mine] < 2]
            order, at = rng.permutation(mine), 0
        indices, at = np.sort(order[at : at + batch]), at + batch
        edge = SMALL if step < small_steps else LARGE
        images = augmented(scenes.pixels[indices], edge, rng).contiguous(memory_format=torch.channels_last)
        warm = min(1.0, (step + 1) / args.warm)
        rate = args.rate * warm * (0.02 + 0.98 * 0.5 * (1 + np.cos(np.pi * step / steps)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        truth = scenes.truth(indices)
        if step < alone_steps:
            total = trainer.name_facts(trainer.vision.features(images), truth)
            parts = (total,)
        else:
            texts = list(sentence_groups(scenes, indices, rng))
            total, parts = trainer.loss(images, truth, texts)
        optimizer.zero_grad()
        total.backward()
        asked = torch.tensor([float(stop.is_set())])
        gradient = torch.cat([flat(p) for p in trainer.parameters()] + [asked])
        dist.all_reduce(gradient)
        # All learn of it in the same step, so that their checkpoint is of one step.
        stopping = gradient[-1].item() > 0
        gradient = gradient[:-1]
        gradient /= args.workers
        gradient *= min(1.0, args.clip / (gradient.norm().item() + 1e-6))
        offset = 0
        for p in trainer.parameters():
            if p.grad is not None:
                p.grad.copy_(gradient[offset : offset + p.numel()].view_as(p))
            offset += p.numel()
        optimizer.step()
        if rank == 0 and step >= min(steps * 0.85, steps - 1):
            average = averaged(average, trainer)
        if rank == 0 and (step % 50 == 0 or step == steps - 1):
            names = ("facts_loss",) if len(parts) == 1 else ("pairs_loss", "text_loss", "image_loss", "facts_loss")
            losses = " ".join(f"{name}={part.item():.4f}" for name, part in zip(names, parts))
            print(f"step={step + 1} steps={steps} edge_px={edge} train_loss={total.item():.4f} {losses} "
                  f"learning_rate={rate:.6f} scale={trainer.scale.exp().item():.1f} norm={gradient.norm().item():.2f} "
                  f"wall_s={time.time() - started:.0f} cpu_s={time.process_time():.0f}", flush=True)
        if rank == 0 and (step + 1) % args.check == 0 and step != steps - 1:
            print(told(measure(trainer, Scenes(args.held_out), LARGE, 400)), flush=True)
        if step == steps - 1:
            continue
        if args.checkpoint and (stopping or (step + 1) % args.every == 0):
            save_training(args.checkpoint, step + 1, trainer, optimizer, average, (rng, order, at))
        if stopping:
            dist.barrier()
            return
    if rank == 0:
        trainer.load_state_dict({k: v / average[1] for k, v in average[0].items()})
        print(told(measure(trainer, Scenes(args.held_out), LARGE, 1500)), flush=True)
        save(args.out, trainer.state_dict())
    dist.barrier()


def flat(parameter):
    grad = parameter.grad
    return torch.zeros(parameter.numel()) if grad is None else grad.reshape(-1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def averaged(average, trainer):
    """The mean of the last weights generalises better than the last."""
    state = {k: v.detach().double() for k, v in trainer.state_dict().items()}
    if average is None:
        return state, 1
    return {k: average[0][k] + v for k, v in state.items()}, average[1] + 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("scenes")
    parser.add_argument("held_out")
    parser.add_argument("out")
    parser.add_argument("--start", help="weights or a checkpoint to begin with")
    parser.add_argument("--seed", type=int, default=100)
    parser.add_argument("--images", type=int, default=600_000)
    parser.add_argument("--small", type=float, default=0.75, help="share of steps at 64 pixels")
    parser.add_argument("--alone", type=float, default=0.4, help="share of steps without sentences")
    parser.add_argument("--single", type=float, default=0.1, help="share of steps with single things")
    parser.add_argument("--warm", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--clip", type=float, default=20.0)
    parser.add_argument("--check", type=int, default=500)
    parser.add_argument("--batch", type=int, default=BATCH, help="frames in a step")
    parser.add_argument("--checkpoint", help="where to go on from and to write every so many steps")
    parser.add_argument("--every", type=int, default=100)
    args = parser.parse_args()
    stop = mp.get_context("spawn").Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    # Of a terminal's whole group; who started this decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    mp.spawn(work, (args, free_port(), stop), args.workers)
    if not os.path.exists(args.out):
        sys.exit(143)

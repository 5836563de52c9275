"""Retrieval on held-out scenes and wordings, for watching a training; the test has the last word."""
import numpy as np
import torch

from scenes import as_input, is_true_of


def measure(trainer, scenes, edge, count):
    rng = np.random.default_rng(5)
    rows = np.sort(rng.choice(scenes.count, min(count, scenes.count), False))
    columns = np.array(scenes.columns)
    with torch.no_grad():
        chunks = [as_input(scenes.pixels[part], edge) for part in np.array_split(rows, max(1, len(rows) // 50))]
        pictures = torch.cat([trainer.vision(chunk.contiguous(memory_format=torch.channels_last)) for chunk in chunks])
        truth = scenes.truth(rows)
        views = np.flatnonzero(truth[:, scenes.shape.facts.things + scenes.shape.facts.colours:].sum(1).numpy() > 1)
        found = {}
        for kind in ("full", "part", "one"):
            column = np.flatnonzero(columns == kind)[0]
            tokens, needs = scenes.sentences(rows[views], np.full(len(views), column))
            scores = trainer.text(tokens, tokens != 0) @ pictures.T
            fits = is_true_of(needs, truth)
            best = scores.topk(5, 1).indices
            hits = fits.gather(1, best)
            found[kind] = (hits[:, 0].float().mean().item(), hits.any(1).float().mean().item())
            precision = average_precision(scores, fits)
            if kind == "one":
                low = scenes.shape.facts.things
                thing = (needs[:, :low].sum(1) > 0).numpy()
                colour = (needs[:, low:low + scenes.shape.facts.colours].sum(1) > 0).numpy()
                found["thing mAP"] = float(precision[thing].mean())
                found["colour mAP"] = float(precision[colour].mean())
                found["setting mAP"] = float(precision[~thing & ~colour].mean())
            else:
                found[kind + " mAP"] = float(precision.mean())
    return found


def told(found):
    """As one line of name=value."""
    pairs = []
    for name, value in found.items():
        key = "validation_" + name.lower().replace(" ", "_")
        pairs += zip((key + "_r1", key + "_r5"), value) if isinstance(value, tuple) else [(key, value)]
    return " ".join(f"{key}={value:.4f}" for key, value in pairs)


def average_precision(scores, fits):
    order = scores.argsort(1, descending=True)
    hits = fits.gather(1, order).float()
    precision = hits.cumsum(1) / torch.arange(1, hits.shape[1] + 1)
    return ((precision * hits).sum(1) / hits.sum(1).clamp(min=1)).numpy()

"""What a training needs to go on where it was stopped: one file, and never half of it."""
import os

import torch
import torch.distributed as dist


def save(path, state):
    """Replaces the file at once: what is copied away meanwhile is the old or the new one."""
    torch.save(state, path + ".new")
    os.replace(path + ".new", path)


def save_training(path, step, trainer, optimizer, average, mine):
    """Called by every worker after the same step; `mine` is (rng, order, at) of this one."""
    rng, order, at = mine
    own = {"rng": rng.bit_generator.state, "torch": torch.get_rng_state(), "order": order, "at": at}
    first = dist.get_rank() == 0
    workers = [None] * dist.get_world_size() if first else None
    dist.gather_object(own, workers)
    if first:
        save(path, {"step": step, "trainer": trainer.state_dict(), "average": average,
                    "optimizer": optimizer.state_dict(), "workers": workers})
        print(f"checkpoint after step={step}", flush=True)


def load_training(path, trainer, optimizer, rng):
    """The step to go on with, the mean of the weights so far, and this worker's order and place."""
    state = torch.load(path, weights_only=False)
    trainer.load_state_dict(state["trainer"])
    optimizer.load_state_dict(state["optimizer"])
    own = state["workers"][dist.get_rank()]
    rng.bit_generator.state = own["rng"]
    torch.set_rng_state(own["torch"])
    return state["step"], state["average"], own["order"], own["at"]

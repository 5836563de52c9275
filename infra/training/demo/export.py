"""Writes the two ONNX graphs: export.py <weights.pt> <scenes> <model folder>

Weights are stored as float16 and widened when the graph is loaded: half the size, and float32
arithmetic on every processor.
"""
import os
import sys

import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import TensorProto, helper, numpy_helper

from model import ScaledConv
from scenes import Scenes
from train import LARGE, Trainer

OPSET = 14


def fold(module):
    """Standardised weights become plain ones."""
    for name, child in module.named_children():
        if isinstance(child, ScaledConv):
            w = child.standardised().detach()
            plain = nn.Conv2d(w.shape[1], w.shape[0], w.shape[2], child.stride, child.padding)
            plain.weight.data, plain.bias.data = w, child.bias.detach()
            setattr(module, name, plain)
        else:
            fold(child)


class FoldedVision(nn.Module):
    def __init__(self, vision):
        super().__init__()
        fold(vision)
        vision.dtype = torch.float32
        self.vision = vision

    def forward(self, x):
        from model import act
        for layer in self.vision.body:
            x = act(layer(x)) if isinstance(layer, nn.Conv2d) else layer(x)
        features = torch.cat([x.mean((2, 3)), x.amax((2, 3)) * 0.5], 1)
        return nn.functional.normalize(self.vision.head(features), dim=-1)


def halve(path):
    graph = onnx.load(path)
    keep, casts = [], []
    for tensor in graph.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < 256:
            keep.append(tensor)
            continue
        half = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_f16")
        keep.append(half)
        casts.append(helper.make_node("Cast", [half.name], [tensor.name], to=TensorProto.FLOAT))
    nodes = casts + list(graph.graph.node)
    del graph.graph.initializer[:], graph.graph.node[:]
    graph.graph.initializer.extend(keep)
    graph.graph.node.extend(nodes)
    onnx.checker.check_model(graph)
    onnx.save(graph, path)


def main(weights, scenes, folder):
    shape = Scenes(scenes).shape
    trainer = Trainer(shape)
    trainer.load_state_dict(torch.load(weights))
    trainer.eval()
    os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
    vision = os.path.join(folder, "onnx/vision_model.onnx")
    text = os.path.join(folder, "onnx/text_model.onnx")
    with torch.no_grad():
        torch.onnx.export(
            FoldedVision(trainer.vision), torch.zeros(2, 3, LARGE, LARGE), vision,
            input_names=["pixel_values"], output_names=["image_embeds"], opset_version=OPSET,
            dynamic_axes={"pixel_values": {0: "batch"}, "image_embeds": {0: "batch"}})
        ids = torch.ones(2, 7, dtype=torch.int64)
        torch.onnx.export(
            trainer.text, (ids, ids), text, input_names=["input_ids", "attention_mask"],
            output_names=["text_embeds"], opset_version=OPSET,
            dynamic_axes={"input_ids": {0: "batch", 1: "tokens"},
                          "attention_mask": {0: "batch", 1: "tokens"}, "text_embeds": {0: "batch"}})
    for path in (vision, text):
        halve(path)
        print(path, os.path.getsize(path), "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:4])

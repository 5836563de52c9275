"""Says what is missing before scenes are drawn for nothing."""
import importlib.util
import sys

for name in ("numpy", "torch", "onnx"):
    if importlib.util.find_spec(name) is None:
        sys.exit(f"No module named '{name}'")

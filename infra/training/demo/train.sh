#!/bin/sh
# The whole of it: scenes, training, graphs, floors, videos. Run from the repository's root.
# Needs ffmpeg and, on Debian: apt-get install python3-torch python3-onnx libopenblas0-pthread
set -eu
here=infra/training/demo
work=${1:-/tmp/atelier-demo-training}
model=${2:-infra/demo/model}
python=${PYTHON:-/usr/bin/python3}
export OMP_NUM_THREADS=1
run() { node --no-warnings --import tsx "$here/$1.ts" "$2" "${3:-}" "${4:-}" "${5:-}"; }

mkdir -p "$work"
run write-scenes "$work/training" 60000 1 training
run write-scenes "$work/held-out" 1500 90000001 held-out
"$python" "$here/train.py" "$work/training" "$work/held-out" "$work/weights.pt" \
  --checkpoint "$work/training.pt"
"$python" "$here/export.py" "$work/weights.pt" "$work/held-out" "$model"
node --import tsx "$here/write-folder.ts" "$model"
node --import tsx "$here/write-manifest.ts" "$model"
node --import tsx "$here/write-videos.ts" infra/demo/videos
# Before the frames: their embeddings name the model by its files, down to the white space.
npx biome format --write infra/demo
node --import tsx "$here/write-frames.ts"
npx biome format --write infra/demo

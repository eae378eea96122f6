"""The two names of torchvision that facenet-pytorch imports, so that its detector runs without torchvision.

PyPI's torchvision for Linux is linked with CUDA and does not load beside a torch built for processors.
facenet-pytorch needs non-maximum suppression of it (`batched_nms`) and, for cropping faces, which we do not
measure, `transforms.functional`. Suppression is compiled code there as well as in OpenCV, which stands in;
with the few hundred boxes of a 640 × 480 picture it took 1 % of the detector's time.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import cv2
import torch

if TYPE_CHECKING:
    from collections.abc import Mapping


def install() -> None:
    """Put the stand-in where `import torchvision` looks first; call it before importing facenet_pytorch."""
    functional = module("torchvision.transforms.functional", {})
    boxes = module("torchvision.ops.boxes", {"batched_nms": nms_of_one_picture})
    module("torchvision.transforms", {"functional": functional})
    module("torchvision.ops", {"boxes": boxes})
    module("torchvision", {})


def module(name: str, attributes: Mapping[str, object]) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(attributes)
    sys.modules[name] = made
    return made


def nms_of_one_picture(
    boxes: torch.Tensor, scores: torch.Tensor, _pictures: torch.Tensor, iou_threshold: float
) -> torch.Tensor:
    """Return the indices of the boxes to keep, best score first; all boxes are of one picture."""
    left_top_sides = torch.cat([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], dim=1)
    kept = cv2.dnn.NMSBoxes(left_top_sides.double().numpy(), scores.numpy(), 0.0, iou_threshold)
    return torch.as_tensor(kept, dtype=torch.long)

"""Made with PyTorch 1.13.1: checkpoints whose tensors are views, shared, narrow or nested. PyTorchCheckpointTests knows the values."""
import collections
import torch

base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
state = collections.OrderedDict(
    whole=base,
    transposed=base.t(),
    inner=base[1:3, 2:5],
    column=base[:, 3],
    row=base[2],
    expanded=torch.tensor([1.5]).expand(2, 3),
    permuted=torch.arange(24, dtype=torch.int32).reshape(2, 3, 4).permute(2, 0, 1),
    parameter=torch.nn.Parameter(torch.tensor([0.25, -0.5])),
    half=torch.tensor([1.0, -0.5, 65504.0], dtype=torch.float16),
    brain=torch.tensor([1.0, -3.0, 2.0 ** 100], dtype=torch.bfloat16),
    double=torch.tensor([0.1], dtype=torch.float64),
    scalar=torch.tensor(1234567890123, dtype=torch.int64),
    flags=torch.tensor([True, False, True]),
    bytes=torch.tensor([0, 255], dtype=torch.uint8),
    empty=torch.zeros(0, 3),
)
training = {
    "epoch": 12,
    "best": 0.5,
    "notes": ("text", None, [1, 2], {"a": True}, 1 << 70, torch.Size([2, 3]), torch.float16, torch.device("cpu")),
    "optimizer": {"state": {0: {"momentum_buffer": torch.ones(1000)}}},
    "model_ema": {"w": torch.tensor([2.0])},
    "model": {"w": torch.tensor([1.0]), "version": 3},
}
torch.save(state, "views.pth")
torch.save(state, "views_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(training, "training.pth")
torch.save(training, "training_legacy.pth", _use_new_zipfile_serialization=False)
torch.save(training, "training_protocol4.pth", pickle_protocol=4)

"""torchvision's FCOS on the other side: `torch_fcos.py JOB THREADS` prints torch's version, then one time in milliseconds for each line it reads."""
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import torch
import torchvision
from torchvision.models.detection.image_list import ImageList

job, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)


def network(model, images):
    features = list(model.backbone(images).values())
    anchors = model.anchor_generator(ImageList(images, [tuple(images.shape[2:])] * len(images)), features)
    return features, model.head(features), anchors


def detect():
    model = torchvision.models.detection.fcos_resnet50_fpn(weights=None, weights_backbone=None, num_classes=91).eval()
    images = torch.randn(1, 3, 512, 512)

    def run():
        with torch.no_grad():
            features, outputs, anchors = network(model, images)
            sizes = [f.shape[-2] * f.shape[-1] for f in features]
            split = {name: list(value.split(sizes, dim=1)) for name, value in outputs.items()}
            model.postprocess_detections(split, [list(a.split(sizes)) for a in anchors], [(512, 512)])

    return run


def training_step(model, images, targets):
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9, weight_decay=1e-4)

    def run():
        features, outputs, anchors = network(model, images)
        losses = model.compute_loss(targets, outputs, anchors, [f.shape[-2] * f.shape[-1] for f in features])
        optimizer.zero_grad()
        sum(losses.values()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 35)
        optimizer.step()

    return run


def train():
    model = torchvision.models.detection.fcos_resnet50_fpn(weights=None, weights_backbone=None, num_classes=91).train()
    images = torch.randn(2, 3, 256, 256)
    targets = [
        {"boxes": torch.tensor([[10.0, 10, 120, 90], [60, 100, 250, 240], [20, 180, 50, 210]]), "labels": torch.tensor([1, 5, 7])},
        {"boxes": torch.tensor([[30.0, 20, 200, 200], [5, 5, 25, 30]]), "labels": torch.tensor([3, 90])},
    ]
    return training_step(model, images, targets)


def train_small():
    from torchvision.models.detection.backbone_utils import BackboneWithFPN
    from torchvision.ops.feature_pyramid_network import LastLevelP6P7

    backbone = BackboneWithFPN(
        torchvision.models.resnet18(weights=None), {f"layer{i}": f"{i - 2}" for i in (2, 3, 4)}, [128, 256, 512], 128, LastLevelP6P7(128, 128)
    )
    model = torchvision.models.detection.FCOS(backbone, num_classes=3).train().to(memory_format=torch.channels_last)
    images = torch.randn(8, 3, 256, 320).contiguous(memory_format=torch.channels_last)
    # Fourteen objects an image, in a grid, as on the other side.
    boxes = torch.tensor([[10.0 + 40 * (i % 7), 20 + 100 * (i // 7), 45 + 40 * (i % 7), 100 + 100 * (i // 7)] for i in range(14)])
    targets = [{"boxes": boxes, "labels": torch.arange(14) % 3} for _ in range(8)]
    return training_step(model, images, targets)


run = {"detect": detect, "train": train, "train_small": train_small}[job]()
print(torch.__version__, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    run()
    print((time.perf_counter() - start) * 1e3, flush=True)

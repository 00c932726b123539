"""The Python side of a comparison: `torch_ops.py JOB THREADS` prints torch's version, then one time in milliseconds for each line it reads."""
import sys
import time

import torch

job, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)


def adds():
    a, b = torch.ones(4), torch.ones(4)

    def run():
        for _ in range(100_000):
            a + b

    return run


def resnet50():
    import torchvision

    body = torchvision.models.resnet50(weights=None).eval()
    body.avgpool = body.fc = torch.nn.Identity()
    image = torch.randn(1, 3, 512, 512)

    def run():
        with torch.no_grad():
            body(image)

    return run


run = {"adds": adds, "resnet50": resnet50}[job]()
print(torch.__version__, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    run()
    print((time.perf_counter() - start) * 1e3, flush=True)

"""One training step of a ViT classifier, forward, backward and AdamW over all weights, fp32. Prints one line of JSON."""

import torch
import torch.nn.functional as F
from timing import Stopwatch, arguments
from torch import nn
from vit import VisionTransformer

CLASSES = 20


def main():
    options = arguments(__doc__)
    encoder = VisionTransformer(options.size)
    classifier = nn.Linear(encoder.dim, CLASSES, bias=False)
    weights = [*encoder.parameters(), *classifier.parameters()]
    optimiser = torch.optim.AdamW(weights, lr=6e-5, weight_decay=0.01, fused=True)
    images = torch.randn(options.batch, 3, options.image, options.image)
    labels = (torch.rand(options.batch, CLASSES) < 0.1).float()

    watch = Stopwatch()
    for _ in range(options.warm_up + options.steps):
        watch.start()
        tokens, _, _ = encoder(images)
        loss = F.multilabel_soft_margin_loss(classifier(tokens.amax((2, 3))), labels)
        watch.stage("forward")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        watch.stage("backward")
        optimiser.step()
        watch.stage("update")
    watch.report(options, loss.item())


main()

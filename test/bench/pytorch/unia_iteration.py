"""One whole UniA iteration, released preset without CRF energy, fp32, in plain PyTorch. Prints one line of JSON."""

import math

import torch
import torch.nn.functional as F
from refinement import BACKGROUND, HIGH, IGNORE, LOW, mutual_complement, pseudo_masks
from timing import Stopwatch, arguments
from torch import nn
from vit import VisionTransformer

CLASSES = 20
SCALES = (1, 0.5, 0.75, 1.5)
PATCH = 16
SAMPLES = 50
TAU = 0.5
RADIUS = 7
DECODER_CHANNELS = 512


class CrossAttention(nn.Module):
    """Queries from one grid, keys and values from another; no output projection."""

    def __init__(self, dim, heads=16):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (nn.Linear(dim, dim) for _ in range(3))

    def forward(self, queries, source):
        split = lambda x: x.unflatten(2, (self.heads, -1)).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(split(self.q(queries)), split(self.k(source)), split(self.v(source)))
        return mixed.transpose(1, 2).flatten(2)


class ChannelAffine(nn.Module):
    """A 1x1 depth-wise convolution."""

    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, tokens):
        return tokens * self.weight + self.bias


class UncertaintyInference(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.channel_mu, self.channel_sigma = ChannelAffine(dim), ChannelAffine(dim)
        self.spatial_mu, self.spatial_sigma = CrossAttention(dim), CrossAttention(dim)
        self.masking = CrossAttention(dim)

    def forward(self, z, with_sample):
        """Z_f (N, C, H, W) and, when training, S_dis (N, H, W). The CAM passes need the sigma branch only."""
        grid = z.shape[-2:]
        window = [max(1, min(4, side // 4)) for side in grid]
        prototypes = F.max_pool2d(z, window, ceil_mode=True).flatten(2).transpose(1, 2)
        tokens = z.flatten(2).transpose(1, 2)
        sigma = self.channel_sigma(tokens) + self.spatial_sigma(tokens, prototypes)
        confident = (1 - sigma.sigmoid()) * tokens
        features = tokens + self.masking(tokens, confident)
        features = features.transpose(1, 2).unflatten(2, grid)
        if not with_sample:
            return features, None
        mu = self.channel_mu(tokens) + self.spatial_mu(tokens, prototypes)
        # The mean of K Gaussian samples is one Gaussian with std / sqrt(K).
        sample = mu + torch.randn_like(mu) * torch.exp(sigma / 2) / math.sqrt(SAMPLES)
        return features, sample.mean(2).unflatten(1, grid)


class Unia(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.encoder = VisionTransformer(size)
        self.encoder.pos_embed.requires_grad_(False)
        dim = self.encoder.dim
        self.uncertainty = UncertaintyInference(dim)
        self.classifier = nn.Conv2d(dim, CLASSES, 1, bias=False)
        self.auxiliary = nn.Conv2d(dim, CLASSES, 1, bias=False)
        self.affinity = nn.Conv2d(2 * self.encoder.heads, 1, 1)
        self.decoder = nn.Sequential(
            nn.Conv2d(dim, DECODER_CHANNELS, 3, padding=5, dilation=5, bias=False),
            nn.ReLU(),
            nn.Conv2d(DECODER_CHANNELS, DECODER_CHANNELS, 3, padding=5, dilation=5, bias=False),
            nn.ReLU(),
            nn.Conv2d(DECODER_CHANNELS, CLASSES + 1, 1, bias=False),
        )

    def cams(self, images):
        z, auxiliary, _ = self.encoder(images)
        features, _ = self.uncertainty(z, with_sample=False)
        return self.classifier(features), self.auxiliary(auxiliary)


@torch.no_grad()
def multi_scale_cams(model, images, tags):
    """Normalised CAM and auxiliary CAM (N, M, S, S) over all scales, each with its mirror image in one batch."""
    side = images.shape[-2:]
    totals = [0, 0]
    for scale in SCALES:
        scaled = [PATCH * int(s * scale / PATCH + 0.5) for s in side]
        resized = images if scale == 1 else F.interpolate(images, scaled, mode="bilinear", align_corners=False)
        for index, cam in enumerate(model.cams(torch.cat([resized, resized.flip(-1)]))):
            plain, mirrored = F.interpolate(cam, side, mode="bilinear", align_corners=False).chunk(2)
            totals[index] = totals[index] + F.relu(torch.maximum(plain, mirrored.flip(-1)))
    return [normalised(total) * tags[:, :, None, None] for total in totals]


def normalised(cam):
    cam = cam - cam.amin((2, 3), keepdim=True)
    return cam / (cam.amax((2, 3), keepdim=True) + 1e-5)


def grid_labels(labels, grid):
    return F.interpolate(labels[:, None].float(), grid, mode="nearest")[:, 0].long()


def pairs_of(labels):
    """Positive and negative pairs (N, L, L) of label maps, ignore in neither."""
    flat = labels.flatten(1)
    known = flat != IGNORE
    both = known[:, :, None] & known[:, None, :]
    same = flat[:, :, None] == flat[:, None, :]
    return both & same, both & ~same


def mean_where(values, mask):
    return (values * mask).sum() / mask.sum().clamp(min=1)


def near_pairs(grid):
    y, x = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    distance = lambda a: (a.flatten()[:, None] - a.flatten()[None, :]).abs()
    return torch.maximum(distance(y), distance(x)) <= RADIUS


def distribution_loss(sample, labels):
    """KL(mask || S), both as spatial softmax."""
    mask = ((labels != BACKGROUND) & (labels != IGNORE)).float().flatten(1).log_softmax(1)
    return F.kl_div(sample.flatten(1).log_softmax(1), mask, log_target=True, reduction="batchmean")


def affinity_loss(affinity, labels, near):
    positive, _ = pairs_of(labels)
    return mean_where(-(affinity / TAU).log_softmax(2), positive & near) / (2 * len(affinity))


def token_contrast(features, labels):
    unit = F.normalize(features.flatten(2), dim=1)
    cosine = (unit.transpose(1, 2) @ unit).abs()
    other = ~torch.eye(cosine.shape[1], dtype=torch.bool)
    positive, negative = pairs_of(labels)
    return 0.5 * mean_where(1 - cosine, positive & other) + 0.5 * mean_where(cosine, negative & other)


def segmentation_loss(logits, labels):
    entropy = F.cross_entropy(logits, labels.masked_fill(labels == IGNORE, -100), ignore_index=-100, reduction="none")
    foreground = (labels != BACKGROUND) & (labels != IGNORE)
    return 0.5 * mean_where(entropy, labels == BACKGROUND) + 0.5 * mean_where(entropy, foreground)


def threshold_labels(cam):
    value, index = cam.max(1)
    return torch.where(value <= LOW, BACKGROUND, torch.where(value <= HIGH, IGNORE, index + 1))


def iterate(model, optimiser, images, tags, near, watch):
    watch.start()
    cam, auxiliary_cam = multi_scale_cams(model, images, tags)
    watch.stage("multiScaleCam")

    z, auxiliary, maps = model.encoder(images, with_maps=True)
    features, sample = model.uncertainty(z, with_sample=True)
    grid = z.shape[-2:]
    logits = model.classifier(features.amax((2, 3), keepdim=True)).flatten(1)
    auxiliary_logits = model.auxiliary(auxiliary.amax((2, 3), keepdim=True)).flatten(1)
    affinity = model.affinity(maps + maps.transpose(2, 3)).sigmoid()[:, 0]
    segmentation = F.interpolate(model.decoder(features), images.shape[-2:], mode="bilinear", align_corners=False)
    watch.stage("forward")

    with torch.no_grad():
        masks = pseudo_masks(cam, tags, images, affinity, grid)
        labels = mutual_complement(*masks)
    watch.stage("pseudoMasks")

    coarse = grid_labels(labels, grid)
    auxiliary_labels = grid_labels(threshold_labels(auxiliary_cam), grid)
    loss = (
        F.multilabel_soft_margin_loss(logits, tags)
        + F.multilabel_soft_margin_loss(auxiliary_logits, tags)
        + 0.1 * distribution_loss(sample, coarse)
        + 0.1 * affinity_loss(affinity, coarse, near)
        + 0.15 * segmentation_loss(segmentation, labels)
        + 0.3 * token_contrast(features, auxiliary_labels)
    )
    watch.stage("losses")
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    watch.stage("backward")
    optimiser.step()
    watch.stage("update")
    return loss.item()


def main():
    options = arguments(__doc__)
    model = Unia(options.size)
    inside = [weight for weight in model.encoder.parameters() if weight.requires_grad]
    heads = [weight for name, weight in model.named_parameters() if not name.startswith("encoder.")]
    groups = [{"params": inside, "lr": 6e-5}, {"params": heads, "lr": 6e-4}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    images = torch.randn(options.batch, 3, options.image, options.image)
    # Two classes an image, the mean of PASCAL VOC being 1.5.
    tags = torch.zeros(options.batch, CLASSES).scatter_(1, torch.rand(options.batch, CLASSES).argsort(1)[:, :2], 1)
    grid = (options.image // PATCH,) * 2
    near = near_pairs(grid)
    watch = Stopwatch()
    for _ in range(options.warm_up + options.steps):
        loss = iterate(model, optimiser, images, tags, near, watch)
    watch.report(options, loss)


main()

"""Pixel-adaptive refinement and the three pseudo masks (docs/method.md), batched over images and class stacks."""

import torch
import torch.nn.functional as F

DILATIONS = (1, 2, 4, 8, 12, 24)
OFFSETS = [(dy * d, dx * d) for d in DILATIONS for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
REACH = max(DILATIONS)
ROUNDS = 10
HIGH, LOW = 0.7, 0.25
BACKGROUND, IGNORE = 0, 255


def shifted(padded, offset, height, width):
    dy, dx = offset
    return padded[..., REACH + dy : REACH + dy + height, REACH + dx : REACH + dx + width]


def refinement_weights(images):
    """Weights (48, N, 1, H, W) from colour and position; they sum to 1.01."""
    height, width = images.shape[-2:]
    padded = F.pad(images, [REACH] * 4, mode="replicate")
    neighbours = torch.stack([shifted(padded, offset, height, width) for offset in OFFSETS])
    deviation = neighbours.std(0)
    colour = -(((neighbours - images).abs() / (deviation + 1e-8) / 0.3) ** 2).mean(2, keepdim=True)
    distance = torch.tensor([(dy * dy + dx * dx) ** 0.5 for dy, dx in OFFSETS])
    position = -((distance / (distance.std() + 1e-8) / 0.3) ** 2)
    return colour.softmax(0) + 0.01 * position.softmax(0).view(-1, 1, 1, 1, 1)


def refine(stacks, weights):
    """Ten rounds of weighted averaging over `stacks` (N, K, H, W)."""
    height, width = stacks.shape[-2:]
    for _ in range(ROUNDS):
        padded = F.pad(stacks, [REACH] * 4, mode="replicate")
        stacks = torch.zeros_like(stacks)
        for weight, offset in zip(weights, OFFSETS):
            stacks.addcmul_(weight, shifted(padded, offset, height, width))
    return stacks


def kept_classes(tags):
    """Indices (N, K) of the present classes, K the most of any image, and which of them are real."""
    count = max(1, int(tags.sum(1).max()))
    order = tags.argsort(dim=1, descending=True, stable=True)[:, :count]
    return order, tags.gather(1, order) > 0


def with_background(cam, level):
    return torch.cat([torch.full_like(cam[:, :1], level), cam], 1)


def merged_labels(high, low, kept):
    """Class ids from the arg-max of both runs: HIGH's class, ignore where only HIGH says background."""
    ids = torch.cat([torch.zeros_like(kept[:, :1]), kept + 1], 1)
    high = ids.gather(1, high.flatten(1)).view_as(high)
    low = ids.gather(1, low.flatten(1)).view_as(low)
    undecided = torch.where(low == BACKGROUND, BACKGROUND, IGNORE)
    return torch.where(high == BACKGROUND, undecided, high)


def pseudo_masks(cam, tags, images, affinity, grid):
    """P1, P2 and P3 (N, S, S). P2 and P3, each with a high and a low background, pass PAR together as four stacks."""
    side = images.shape[-2:]
    half = (side[0] // 2, side[1] // 2)
    value, index = cam.max(1)
    p1 = torch.where(value <= LOW, BACKGROUND, torch.where(value <= HIGH, IGNORE, index + 1))

    kept, real = kept_classes(tags)
    chosen = cam.gather(1, kept[:, :, None, None].expand(-1, -1, *side))
    at_half = F.interpolate(chosen, half, mode="bilinear", align_corners=False)
    at_grid = F.interpolate(chosen, grid, mode="bilinear", align_corners=False)
    walk = affinity / affinity.sum(1, keepdim=True)
    stacks = [with_background(at_half, level) for level in (HIGH, LOW)]
    for level in (HIGH, LOW):
        walked = (with_background(at_grid, level).flatten(2) @ walk).unflatten(2, grid)
        stacks.append(F.interpolate(walked, half, mode="bilinear", align_corners=False))
    absent = F.pad(~real, [1, 0])[:, :, None, None]
    shares = torch.cat([stack.masked_fill(absent, -torch.inf).softmax(1) for stack in stacks], 1)

    small = F.interpolate(images, half, mode="bilinear", align_corners=False)
    refined = refine(shares, refinement_weights(small))
    upsampled = F.interpolate(refined, side, mode="bilinear", align_corners=False)
    winners = [stack.argmax(1) for stack in upsampled.chunk(4, 1)]
    return p1, merged_labels(*winners[:2], kept), merged_labels(*winners[2:], kept)


def mutual_complement(p1, p2, p3):
    """P, both steps."""
    is_class = lambda labels: (labels != BACKGROUND) & (labels != IGNORE)
    merged = torch.where(is_class(p2) & ~is_class(p3), p2, p3)
    return torch.where(is_class(p1) & (p1 == p2), p1, merged)

"""ViT with timm's layout and names in plain PyTorch, as a fast and fair peer for the benchmarks."""

import torch
import torch.nn.functional as F
from torch import nn

SIZES = {"tiny": (192, 3), "small": (384, 6), "base": (768, 12)}
DEPTH = 12
TABLE_SIDE = 14
AUXILIARY_BLOCK = DEPTH - 3


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x, with_maps=False):
        """Tokens, and with `with_maps` the scaled QK maps before the softmax, patches only."""
        n, tokens, dim = x.shape
        q, k, v = self.qkv(x).view(n, tokens, 3, self.heads, dim // self.heads).permute(2, 0, 3, 1, 4)
        maps = None
        if with_maps:
            logits = (q * self.scale) @ k.transpose(-2, -1)
            mixed = logits.softmax(-1) @ v
            maps = logits[:, :, 1:, 1:]
        else:
            mixed = F.scaled_dot_product_attention(q, k, v)
        return self.proj(mixed.transpose(1, 2).reshape(n, tokens, dim)), maps


class Mlp(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(dim, eps=1e-6)
        self.attn = Attention(dim, heads)
        self.norm2 = nn.LayerNorm(dim, eps=1e-6)
        self.mlp = Mlp(dim)

    def forward(self, x, with_maps=False):
        mixed, maps = self.attn(self.norm1(x), with_maps)
        x = x + mixed
        return x + self.mlp(self.norm2(x)), maps


class PatchEmbed(nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.proj = nn.Conv2d(3, dim, patch, patch)

    def forward(self, x):
        return self.proj(x)


class VisionTransformer(nn.Module):
    def __init__(self, size="small", patch=16):
        super().__init__()
        dim, heads = SIZES[size]
        self.dim, self.heads = dim, heads
        self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        self.pos_embed = nn.Parameter(0.02 * torch.randn(1, 1 + TABLE_SIDE**2, dim))
        self.patch_embed = PatchEmbed(dim, patch)
        self.blocks = nn.ModuleList(Block(dim, heads) for _ in range(DEPTH))
        self.norm = nn.LayerNorm(dim, eps=1e-6)

    def positions(self, grid):
        if grid == (TABLE_SIDE, TABLE_SIDE):
            return self.pos_embed
        table = self.pos_embed[:, 1:].transpose(1, 2).reshape(1, self.dim, TABLE_SIDE, TABLE_SIDE)
        resized = F.interpolate(table, size=grid, mode="bicubic", align_corners=False)
        return torch.cat([self.pos_embed[:, :1], resized.flatten(2).transpose(1, 2)], 1)

    def forward(self, images, with_maps=False):
        """Patch tokens after the norm and auxiliary tokens, each (N, C, H, W), and the QK maps of the last two blocks."""
        x = self.patch_embed(images)
        n, _, height, width = x.shape
        x = torch.cat([self.cls_token.expand(n, -1, -1), x.flatten(2).transpose(1, 2)], 1)
        x = x + self.positions((height, width))
        maps = []
        auxiliary = None
        for index, block in enumerate(self.blocks):
            x, block_maps = block(x, with_maps and index >= DEPTH - 2)
            if index == AUXILIARY_BLOCK:
                auxiliary = x
            if block_maps is not None:
                maps.append(block_maps)
        as_grid = lambda tokens: tokens[:, 1:].transpose(1, 2).reshape(n, self.dim, height, width)
        return as_grid(self.norm(x)), as_grid(auxiliary), torch.cat(maps, 1) if maps else None

"""The networks in PyTorch: the tutorial's KeypointModel and KeypointResNet, SimpleBaseline's
pose_resnet, with SimCC's head, and posetop's lite. Names as in posetop's weight files."""

import math

import torch
from torch import nn
from torch.nn import functional as F


class KeypointModel(nn.Module):
    def __init__(self, width=224, height=224, keypoints=17):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc1 = nn.Linear(256 * (width // 8) * (height // 8), 1024)
        self.fc2 = nn.Linear(1024, 2 * keypoints)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = self.pool(F.relu(conv(x)))
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))


class PooledModel(nn.Module):
    def __init__(self, keypoints=17):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, padding=1)
        self.conv2 = nn.Conv2d(64, 128, 3, padding=1)
        self.conv3 = nn.Conv2d(128, 256, 3, padding=1)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(256, 2 * keypoints)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv3):
            x = self.pool(F.relu(conv(x)))
        return self.fc(x.mean((2, 3)))


class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(inputs, width, stride)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = shortcut(inputs, 4 * width, stride)

    def forward(self, x):
        y = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.bn3(self.conv3(y)) + (x if self.downsample is None else self.downsample(x)))


def shortcut(inputs, outputs, stride):
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))


DEPTHS = {
    "resnet18": (BasicBlock, [2, 2, 2, 2]),
    "resnet34": (BasicBlock, [3, 4, 6, 3]),
    "resnet50": (Bottleneck, [3, 4, 6, 3]),
    "resnet101": (Bottleneck, [3, 4, 23, 3]),
}


class ResNet(nn.Module):
    """torchvision's ResNet without its classifier."""

    def __init__(self, name):
        super().__init__()
        block, depths = DEPTHS[name]
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for index in range(depth):
                stride = 2 if index == 0 and stage > 0 else 1
                blocks.append(block(channels, 64 << stage, stride))
                channels = (64 << stage) * block.expansion
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.channels = channels

    def features(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x))))
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class ResNetWithFC(ResNet):
    def __init__(self, name, keypoints):
        super().__init__(name)
        self.fc = nn.Sequential(nn.Linear(self.channels, 256), nn.ReLU(), nn.Linear(256, 2 * keypoints))

    def forward(self, x):
        return self.fc(self.features(x).mean((2, 3)))


class RealNVP(nn.Module):
    """The flow of RLE (arXiv 2107.11291), as in the paper's code and mmpose."""

    def __init__(self, layers=6):
        super().__init__()

        def net(last):
            return nn.Sequential(
                nn.Linear(2, 64), nn.LeakyReLU(), nn.Linear(64, 64), nn.LeakyReLU(), nn.Linear(64, 2), *last)

        self.s = nn.ModuleList(net([nn.Tanh()]) for _ in range(layers))
        self.t = nn.ModuleList(net([]) for _ in range(layers))

    def log_prob(self, x):
        z, determinant = x, 0
        for i in reversed(range(len(self.s))):
            mask = torch.tensor([0.0, 1.0] if i % 2 == 0 else [1.0, 0.0], dtype=x.dtype)
            kept = mask * z
            s = self.s[i](kept) * (1 - mask)
            t = self.t[i](kept) * (1 - mask)
            z = (1 - mask) * (z - t) * torch.exp(-s) + kept
            determinant = determinant - s.sum(1)
        return -(z**2).sum(1) / 2 - math.log(2 * math.pi) + determinant


class KeypointResNet(nn.Module):
    """The tutorial's network: a ResNet whose fc is 256 hidden values and the coordinates."""

    def __init__(self, name="resnet18", keypoints=17, with_flow=False):
        super().__init__()
        self.resnet = ResNetWithFC(name, keypoints * (2 if with_flow else 1))
        if with_flow:
            self.loss = nn.Module()
            self.loss.flow = RealNVP()

    def forward(self, x):
        return self.resnet(x)


class PoseResNet(ResNet):
    """SimpleBaseline; with `simcc`, an input size (width, height), SimCC's layers after it."""

    def __init__(self, name, keypoints=17, simcc=None):
        super().__init__(name)
        layers = []
        channels = self.channels
        for _ in range(3):
            layers += [
                nn.ConvTranspose2d(channels, 256, 4, 2, 1, bias=False),
                nn.BatchNorm2d(256),
                nn.ReLU(),
            ]
            channels = 256
        self.deconv_layers = nn.Sequential(*layers)
        self.final_layer = nn.Conv2d(256, keypoints, 1)
        self.simcc = simcc
        if simcc:
            pixels = simcc[0] // 4 * (simcc[1] // 4)
            self.mlp_head_x = nn.Linear(pixels, 2 * simcc[0])
            self.mlp_head_y = nn.Linear(pixels, 2 * simcc[1])

    def forward(self, x):
        maps = self.final_layer(self.deconv_layers(self.features(x)))
        if not self.simcc:
            return maps
        flat = maps.flatten(2)
        return torch.cat([self.mlp_head_x(flat), self.mlp_head_y(flat)], 2)


class ConvolutionBlock(nn.Module):
    def __init__(self, inputs, outputs, kernel=3, stride=1, relu=True):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = relu

    def forward(self, x, residual=None):
        y = self.bn(self.conv(x))
        if residual is not None:
            y = y + residual
        return F.relu(y) if self.relu else y


class ResidualBlock(nn.Sequential):
    def __init__(self, channels):
        super().__init__(ConvolutionBlock(channels, channels), ConvolutionBlock(channels, channels))

    def forward(self, x):
        return self[1](self[0](x), x)


class Merge(nn.Module):
    def __init__(self, coarse, skip, channels):
        super().__init__()
        self.reduce = ConvolutionBlock(coarse, channels, 1, relu=False)
        self.lateral = ConvolutionBlock(skip, channels, 1)
        self.smooth = ConvolutionBlock(channels, channels)

    def forward(self, coarse, skip):
        enlarged = F.interpolate(self.reduce(coarse), scale_factor=2, mode="bilinear")
        return self.smooth(self.lateral(skip, enlarged))


class Lite(nn.Module):
    def __init__(self, keypoints=17):
        super().__init__()
        self.stem = nn.Sequential(ConvolutionBlock(3, 32, 3, 2), ConvolutionBlock(32, 64, 3, 2))
        self.encoder = nn.ModuleList(ResidualBlock(c) for c in (64, 128, 256))
        self.down = nn.ModuleList([ConvolutionBlock(64, 128, 3, 2), ConvolutionBlock(128, 256, 3, 2)])
        self.decoder = nn.ModuleList([Merge(256, 128, 128), Merge(128, 64, 64)])
        self.head = nn.Conv2d(64, keypoints, 1)

    def forward(self, x):
        quarter = self.encoder[0](self.stem(x))
        eighth = self.encoder[1](self.down[0](quarter))
        x = self.encoder[2](self.down[1](eighth))
        return self.head(self.decoder[1](self.decoder[0](x, eighth), quarter))


class Sum(nn.Module):
    """One exchange of HRNet's branches."""

    def __init__(self, channels, outputs):
        super().__init__()
        rows = []
        for target in range(outputs):
            row = []
            for source, width in enumerate(channels):
                if source > target:
                    row.append(nn.Sequential(
                        nn.Conv2d(width, channels[target], 1, bias=False),
                        nn.BatchNorm2d(channels[target]),
                        nn.Upsample(scale_factor=2 ** (source - target), mode="nearest")))
                elif source == target:
                    row.append(nn.Identity())
                else:
                    steps = []
                    for step in range(target - source):
                        last = step == target - source - 1
                        wide = channels[target] if last else width
                        steps.append(nn.Sequential(
                            nn.Conv2d(width, wide, 3, 2, 1, bias=False), nn.BatchNorm2d(wide),
                            *([] if last else [nn.ReLU()])))
                    row.append(nn.Sequential(*steps))
            rows.append(nn.ModuleList(row))
        self.fuse_layers = nn.ModuleList(rows)


class HRModule(Sum):
    def __init__(self, channels, outputs):
        super().__init__(channels, outputs)
        self.branches = nn.ModuleList(
            nn.Sequential(*(BasicBlock(c, c, 1) for _ in range(4))) for c in channels)

    def forward(self, maps):
        maps = [branch(x) for branch, x in zip(self.branches, maps)]
        return [F.relu(sum(f(x) for f, x in zip(row, maps))) for row in self.fuse_layers]


class HRNet(nn.Module):
    def __init__(self, width=32, keypoints=17):
        super().__init__()
        c = [width << i for i in range(4)]
        self.conv1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(64, 64, 3, 2, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(Bottleneck(64, 64, 1), *(Bottleneck(256, 64, 1) for _ in range(3)))

        def block(i, o, stride):
            return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())

        self.transition1 = nn.ModuleList([block(256, c[0], 1), nn.Sequential(block(256, c[1], 2))])
        self.transition2 = nn.ModuleList(
            [nn.Identity(), nn.Identity(), nn.Sequential(block(c[1], c[2], 2))])
        self.transition3 = nn.ModuleList(
            [nn.Identity(), nn.Identity(), nn.Identity(), nn.Sequential(block(c[2], c[3], 2))])
        self.stage2 = nn.Sequential(HRModule(c[:2], 2))
        self.stage3 = nn.Sequential(*(HRModule(c[:3], 3) for _ in range(4)))
        self.stage4 = nn.Sequential(*(HRModule(c, 4) for _ in range(2)), HRModule(c, 1))
        self.final_layer = nn.Conv2d(width, keypoints, 1)

    def forward(self, x):
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        x = self.layer1(x)
        maps = self.stage2([t(x) for t in self.transition1])
        maps = self.stage3(maps + [self.transition2[2](maps[-1])])
        maps = self.stage4(maps + [self.transition3[3](maps[-1])])
        return self.final_layer(maps[0])


def build(model, head, width, height, keypoints=17, loss=""):
    """The network of a posetop model and head."""
    if model == "cnn":
        return KeypointModel(width, height, keypoints)
    if model == "cnn-pooled":
        return PooledModel(keypoints)
    if model == "lite":
        return Lite(keypoints)
    if model == "hrnet-w32":
        return HRNet(32, keypoints)
    if head == "regression":
        return KeypointResNet(model, keypoints, loss == "rle")
    return PoseResNet(model, keypoints, (width, height) if head == "simcc" else None)

"""Any classifier of torchvision as a trunk: all of it but its last layer."""

from typing import Any

import torch
from torch import nn

from models.weights import State

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class UnknownNetwork(LookupError):
    """torchvision has no classifier of this name."""


class TorchvisionTrunk(nn.Module):
    """The network without its last linear layer.

    ResNets and their like keep their features apart by place; of other networks only the features
    of the whole picture can be had (`spatial` is false).
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, name: str, early_strides: bool = False) -> None:
        """`early_strides`: a ResNet's blocks stride in their first convolution, as the paper had it
        (He et al., arXiv:1512.03385), not in their second, as torchvision has it ("v1.5").

        Raises `UnknownNetwork`.
        """
        super().__init__()
        self.net: Any = zoo_of(name).get_model(name, weights=None)
        self.last, layer = last_linear(self.net)
        self.channels = layer.in_features
        self.net.set_submodule(self.last, nn.Identity())
        self.spatial = hasattr(self.net, "layer4")
        self.half_channels = self.net.layer4[0].conv1.in_channels if self.spatial else 1
        if early_strides:
            for block in self.net.modules():
                if type(block).__name__ == "Bottleneck" and block.stride != 1:
                    block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def read(self, state: State) -> None:
        """Take torchvision's weights, with or without the last layer.

        Raises `RuntimeError` when they are another network's.
        """
        body = {
            name: value for name, value in state.items() if not name.startswith(f"{self.last}.")
        }
        missing, strange = self.net.load_state_dict(body, strict=False)
        missing = [name for name in missing if not name.endswith("num_batches_tracked")]
        if missing or strange:
            raise RuntimeError(f"{len(missing)} weights are missing, {len(strange)} are strange")

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Features (N, C, h, w) of pictures (N, 3, H, W) in 0..1; h and w are 1 if not `spatial`.

        A ResNet has a cell for each 32 pixels.
        """
        if not self.spatial:
            found: torch.Tensor = self.net((pictures - self.mean) / self.std)
            return found[..., None, None]
        return self.maps(pictures)[0]

    def maps(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features as `forward` gives them, and features (N, C, 2h, 2w) half as deep.

        The latter are all nought where the network is not `spatial`.
        """
        if not self.spatial:
            features = self.forward(pictures)
            return features, torch.zeros_like(features[:, :1]).expand(-1, 1, 2, 2)
        net = self.net
        x = net.maxpool(net.relu(net.bn1(net.conv1((pictures - self.mean) / self.std))))
        half = net.layer3(net.layer2(net.layer1(x)))
        return net.layer4(half), half


def zoo_of(name: str) -> Any:
    """torchvision's classifiers, among them the one called `name`. Raises `UnknownNetwork`."""
    # Here and not above: it takes seconds to load, and most models do without.
    from torchvision import models as zoo

    if name not in zoo.list_models(module=zoo):
        raise UnknownNetwork(f"There is no network called {name}.")
    return zoo


def last_linear(net: nn.Module) -> tuple[str, nn.Linear]:
    """The network's last linear layer, by its name in the network."""
    layers = [(name, each) for name, each in net.named_modules() if isinstance(each, nn.Linear)]
    if not layers:
        raise UnknownNetwork(f"{type(net).__name__} ends in no linear layer.")
    return layers[-1]

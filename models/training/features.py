"""What a network sees in many photographs: features of their views, kept for the next time."""

import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch

from models.checkpoints import SECONDS
from models.species.card import Preprocessing
from models.species.trunks import pooled
from models.tensors import to_tensor
from models.training import ranks
from models.training.cache import Cache, Features
from models.training.examples import Example
from models.training.network import Network
from models.training.views import seed_of, view_of

BATCH = 4
"""Pictures that are looked at together: more do not fit into a CPU's caches."""
KEPT_EACH = 64
"""Photographs after whose features the cache is written, or sooner where they take long."""


class FeaturesMissing(LookupError):
    """The features of photographs that are not here any more are not known. Says what to do."""


def look(
    network: Network,
    how: Preprocessing,
    identity: str,
    examples: Sequence[Example],
    views: int,
    cache: Cache | None,
    device: torch.device,
    found: list[Features] | None = None,
) -> Generator[int, None, torch.Tensor]:
    """Features (N, views, C + C2), float32, as `pooled` gives them, on the device; yields how many
    photographs are done.

    `identity` names the network with its weights to the cache. `found`: what another look at the
    same photographs found before it was left; what is found now is put to it.
    Raises `FeaturesMissing`, `PictureError`.
    """
    known = [
        cache.features(identity, [each.sha256 for each in examples], view) if cache else {}
        for view in range(views)
    ]
    missing = {each.sha256 for each in examples if not all(each.sha256 in view for view in known)}
    # Another process may have asked the cache a moment earlier or later, and found less or more.
    missing = set().union(*ranks.merged([missing]))
    new = [each for each in examples if each.sha256 in missing]
    if absent := sum(each.path is None for each in new):
        raise FeaturesMissing(
            f"The features of {absent} photographs that the model was taught with are gone: "
            "train it anew from the photographs."
        )
    mine, ready = ranks.share(new), len(examples) - len(new)
    found = [] if found is None else found
    left = mine[len(found) :]
    kept, last = len(found), time.monotonic()
    with ThreadPoolExecutor(1) as reader:
        reading = reader.map(lambda each: seen(each, how, views), left)
        for count, pictures in enumerate(reading, len(found) + 1):
            found.append(features_of(network, pictures, device))
            often = count - kept >= KEPT_EACH or time.monotonic() - last > SECONDS
            if cache and (often or count == len(mine)):
                keep(cache, identity, mine[kept:count], found[kept:])
                kept, last = count, time.monotonic()
            yield ready + min(len(new), count * ranks.count())
    for example, vectors in zip(new, ranks.merged(found), strict=True):
        for view in range(views):
            known[view][example.sha256] = vectors[view]
    if not examples:
        width = network.trunk.channels + network.trunk.half_channels
        return torch.zeros(0, views, width, device=device)
    rows = [np.stack([view[each.sha256] for view in known]) for each in examples]
    return torch.from_numpy(np.stack(rows)).float().to(device)


def seen(example: Example, how: Preprocessing, views: int) -> torch.Tensor:
    """Views (N, 3, H, W) of a photograph."""
    photograph, seed = example.opened(), seed_of(example.sha256)
    return torch.cat([to_tensor(view_of(photograph, how, view, seed)) for view in range(views)])


@torch.inference_mode()
def features_of(network: Network, pictures: torch.Tensor, device: torch.device) -> Features:
    """Features (N, C + C2) of pictures (N, 3, H, W)."""
    parts = [pictures[first : first + BATCH] for first in range(0, len(pictures), BATCH)]
    found = torch.cat([pooled(network.trunk, part.to(device)) for part in parts])
    vectors: Features = found.float().cpu().numpy()
    return vectors


def keep(
    cache: Cache, identity: str, examples: Sequence[Example], found: Sequence[Features]
) -> None:
    """Write the features of those examples, one row of views each."""
    for view in range(len(found[0])):
        rows = [(each.sha256, row[view]) for each, row in zip(examples, found, strict=True)]
        cache.keep_features(identity, view, rows)

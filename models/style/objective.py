"""J = alpha J_content + beta J_style (arXiv:1508.06576, equation 7) at one scale.

Two terms are ours: the palette belongs to style, and smoothness keeps noise and values that no
pixel can show away. A third, detail, is the Laplacian loss of Li et al. 2017.

Style and content hang on activations, whose gradients are written out here by hand: they are
short, need no graph, and let a picture be seen in tiles (`sight`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from models.style.losses import EPSILON, laplacian_distance, overshoot, roughness
from models.style.options import PaintOptions
from models.style.palette import palette_distance
from models.style.recipe import Recipe
from models.style.regions import Region
from models.style.sight import Sight, View

OVERSHOOT = 20.0
DETAIL = 0.5  # the weight of detail at 1, of alpha and beta together
FLAT = 1e-3  # of the Gram that the mean activation alone would have: no style varies less


def remember(sight: Sight, picture: torch.Tensor, taps: Collection[str]) -> dict[str, torch.Tensor]:
    """The activations (1, C, h, w) of a whole picture at some of the sight's taps."""
    found: dict[str, torch.Tensor] = {}

    def show(view: View) -> None:
        if view.tap not in taps:
            return
        if view.tap not in found:
            grid = sight.grid_of(view.tap, picture)
            empty = view.cells.new_empty((1, view.cells.shape[1], *grid))
            found[view.tap] = empty.contiguous(memory_format=torch.channels_last)
        found[view.tap][:, :, *view.place] = view.cells

    sight.look(picture, show, graph=False)
    return found


def turned(activations: torch.Tensor, matrix: torch.Tensor | None) -> torch.Tensor:
    """M f in every cell of activations f (1, C, h, w), channels last in memory; None: as it is."""
    if matrix is None:
        return activations
    # A product of matrices: sooner than a convolution.
    found: torch.Tensor = (activations.permute(0, 2, 3, 1) @ matrix.T).permute(0, 3, 1, 2)
    return found


@dataclass
class Tally:
    """What the views of one picture add up to."""

    grams: dict[tuple[int, str], torch.Tensor] = field(default_factory=dict)
    """By region and tap: the sum over its cells of outer products about the centre."""
    counts: dict[tuple[int, str], float] = field(default_factory=dict)
    content: dict[str, torch.Tensor] = field(default_factory=dict)
    """By tap: the sum of squared differences."""


@dataclass(frozen=True)
class Objective:
    """The loss of a picture (1, 3, H, W) at one scale."""

    sight: Sight
    recipe: Recipe
    options: PaintOptions
    photograph: torch.Tensor
    content: Mapping[str, torch.Tensor]
    """The photograph's activations."""
    regions: Sequence[Region]

    @property
    def weights(self) -> tuple[float, float]:
        """alpha and beta: as chosen, else from the strength with alpha + beta = 1."""
        if self.options.alpha or self.options.beta:
            return self.options.alpha, self.options.beta
        if self.recipe.letter:
            return self.recipe.alpha, self.recipe.balance
        strength = self.options.strength
        bend = self.recipe.bend
        alpha, beta = (1.0 - strength) ** bend, self.recipe.balance * strength**bend
        return alpha / (alpha + beta), beta / (alpha + beta)

    def evaluate(self, x: torch.Tensor) -> tuple[dict[str, float], torch.Tensor]:
        """content, style, smoothness and total at `x`, and the gradient of the total."""
        alpha, beta = self.weights
        tally = Tally()
        look = self.sight.look(x, lambda view: self._show(tally, view), graph=True)
        content = self._content_loss(tally)
        style, slopes = self._style_loss(tally)
        gradient = self.sight.back(look, lambda view: self._ask(view, slopes, alpha, beta))
        del look
        losses = {
            "content": content, "style": style, "smoothness": 0.0,
            "total": alpha * content + beta * style,
        }  # fmt: skip
        gradient = gradient.contiguous()
        if not self.recipe.letter:
            self._add_pixel_losses(x, losses, gradient)
        return losses, gradient

    # Activations

    def _show(self, tally: Tally, view: View) -> None:
        tap, cells = view.tap, view.cells
        if tap in self.recipe.content:
            away = turned(cells - self.content[tap][:, :, *view.place], self._root(tap))
            tally.content[tap] = tally.content.get(tap, 0.0) + away.square().sum()
        if tap in self.recipe.style:
            for number, region in enumerate(self.regions):
                centred, part = self._centred(region, view)
                marked = centred if part is None else centred * part
                key = number, tap
                tally.grams[key] = tally.grams.get(key, 0.0) + marked.T @ centred
                tally.counts[key] = tally.counts.get(key, 0.0) + (
                    len(centred) if part is None else part.sum().item()
                )

    def _centred(self, region: Region, view: View) -> tuple[torch.Tensor, torch.Tensor | None]:
        """A view's activations (cells, C) about the region's centre, and which cells belong."""
        cells = view.cells
        part = region.part(self._grid(view.tap), view.place)
        centre = region.wanted[view.tap][0].view(1, -1, 1, 1)
        away = cells - centre
        return away[0].permute(1, 2, 0).reshape(-1, cells.shape[1]), part

    def _root(self, tap: str) -> torch.Tensor | None:
        """As precise as a view's cells, whatever the network computes in."""
        root = self.sight.network.root(tap)
        return None if root is None else root.to(torch.promote_types(root.dtype, torch.float32))

    def _grid(self, tap: str) -> tuple[int, int]:
        return self.sight.grid_of(tap, self.photograph)

    def _ask(
        self, view: View, slopes: Mapping[tuple[int, str], torch.Tensor], alpha: float, beta: float
    ) -> torch.Tensor | None:
        """The gradient of alpha J_content + beta J_style at a view's cells."""
        tap, cells = view.tap, view.cells
        wanted = None
        for number, region in enumerate(self.regions):
            if tap in self.recipe.style and beta:
                centred, part = self._centred(region, view)
                flat = centred @ (slopes[number, tap] * (2.0 * beta))
                flat = flat if part is None else flat * part
                here = flat.view(1, *cells.shape[2:], -1).permute(0, 3, 1, 2)
                wanted = here if wanted is None else wanted.add_(here)
        if tap in self.recipe.content and alpha:
            away, root = cells - self.content[tap][:, :, *view.place], self._root(tap)
            scale = 2.0 * alpha * self.recipe.content_share(tap) / self._content_units[tap]
            here = away.mul_(scale) if root is None else turned(away, root.T @ root * scale)
            wanted = here if wanted is None else wanted.add_(here)
        return wanted

    def _content_loss(self, tally: Tally) -> float:
        return sum(
            self.recipe.content_share(tap) * (total / self._content_units[tap]).item()
            for tap, total in tally.content.items()
        )

    @cached_property
    def _content_units(self) -> Mapping[str, float]:
        """What a tap's sum of squares is divided by: the paper's 2, else the target's own sum."""
        if self.recipe.letter:
            return dict.fromkeys(self.content, 2.0)
        return {
            tap: turned(target, self._root(tap)).square().sum().item() + EPSILON * target.numel()
            for tap, target in self.content.items()
        }

    def _style_loss(self, tally: Tally) -> tuple[float, dict[tuple[int, str], torch.Tensor]]:
        """J_style, and for each region and tap its slope by the sum of outer products.

        Only here are Grams measured, as R G R': cell by cell it would cost as much as the Grams.
        """
        loss, slopes = 0.0, {}
        for (number, tap), total in tally.grams.items():
            region, count = self.regions[number], max(tally.counts[number, tap], 1.0)
            away, root = total / count - region.wanted[tap][1], self._root(tap)
            if root is not None:
                away = root @ away @ root.T
            unit = self._style_units[number, tap]
            loss += unit * away.square().mean().item()
            slope = away * (unit * 2.0 / away.numel() / count)
            slopes[number, tap] = slope if root is None else root.T @ slope @ root
        return loss, slopes

    @cached_property
    def _style_units(self) -> Mapping[tuple[int, str], float]:
        """By region and tap, what a mean square difference of Grams is multiplied by."""
        found = {}
        for number, region in enumerate(self.regions):
            for tap, (centre, wanted) in region.wanted.items():
                root = self._root(tap)
                if root is not None:
                    centre, wanted = root @ centre, root @ wanted @ root.T
                share = region.share * self.recipe.style_share(tap)
                found[number, tap] = share / self._style_unit(centre, wanted)
        return found

    def _style_unit(self, centre: torch.Tensor, wanted: torch.Tensor) -> float:
        """What a mean square difference of Grams, each a mean over positions, is divided by.

        The paper's 1 / (2 n_H n_W n_C)^2 before sums is 1 / 4 before means of means; ours is
        relative to the target, so that strength means the same for every tap and network.
        """
        if self.recipe.letter:
            return 4.0
        floor = FLAT * centre.square().mean().square()
        return (wanted.square().mean() + floor).item() + EPSILON

    # Pixels

    def _add_pixel_losses(
        self, x: torch.Tensor, losses: dict[str, float], gradient: torch.Tensor
    ) -> None:
        """Palette, smoothness, overshoot and detail onto what the network made of `x`."""
        (alpha, beta), recipe, options = self.weights, self.recipe, self.options
        smoothness, slope = roughness(x, recipe.chroma)
        calm = recipe.roughness * 2.0 * options.smoothness * beta
        gradient.add_(slope, alpha=calm)
        over, slope = overshoot(x)
        gradient.add_(slope, alpha=OVERSHOOT)
        del slope
        x = x.detach().requires_grad_()
        palettes = [
            region.share * palette_distance(x, region.palette, region.mask)
            for region in self.regions
        ]
        palette = recipe.palette * torch.stack(palettes).sum()
        coarse = beta * palette
        if options.detail:
            kept = DETAIL * (alpha + beta) * options.detail
            coarse = coarse + kept * laplacian_distance(x, self.photograph)
        gradient.add_(*torch.autograd.grad(coarse, x))
        losses["style"] += palette.item()
        losses["smoothness"] = smoothness.item()
        losses["total"] += (OVERSHOOT * over + calm * smoothness + coarse).item()

"""How a network sees a picture, and what its opinion means for the picture's pixels.

A small picture is seen whole. A large one is seen tile by tile, with the same result: every
tile owns the cells it computes and sees as far around itself as they reach (`models.sections`).
First all cells are shown, which fills Grams; then, with the gradients of the cells known, tiles
are seen again, each back-propagates, and the gradients of overlapping margins add up.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import torch

from models.backbones import Backbone
from models.memory import give_back
from models.padding import frame, unframed
from models.sections import Activations, Section

Rectangle = tuple[slice, slice]


@dataclass(frozen=True)
class Patch:
    """The part of a tile's computed cells that counts as its own. Cut by hand: autograd would

    fill and copy everything twice, once for each side.
    """

    computed: torch.Tensor
    """(1, C, h, w), with its graph."""
    part: Rectangle

    @property
    def cells(self) -> torch.Tensor:
        """Those that count, without a graph."""
        return self.computed.detach()[:, :, *self.part]

    def spread(self, gradient: torch.Tensor) -> torch.Tensor:
        """The gradient of all computed cells, given that of those that count."""
        if gradient.shape == self.computed.shape:
            return gradient.to(self.computed.dtype)
        spread = torch.zeros_like(self.computed)
        spread[:, :, *self.part] = gradient
        return spread


@dataclass(frozen=True)
class View:
    """Cells (1, C, h, w) of one tap, and where they are on the picture's grid at that tap."""

    tap: str
    place: Rectangle
    patch: Patch

    @property
    def cells(self) -> torch.Tensor:
        """Without a graph, and in float32 at least: statistics need the digits."""
        cells = self.patch.cells
        return cells.to(torch.promote_types(cells.dtype, torch.float32))


Show = Callable[[View], None]
Ask = Callable[[View], torch.Tensor | None]
"""The gradient of a view's cells; None: nothing hangs on them."""


@dataclass(frozen=True)
class Glance:
    """One tile of one section as it was seen."""

    place: Rectangle
    seen: torch.Tensor
    views: list[View]
    out: Patch
    out_place: Rectangle


@dataclass
class Look:
    """What is kept of a look at a picture for its way back."""

    picture: torch.Tensor
    inputs: list[torch.Tensor] = field(default_factory=list)
    """What each section saw."""
    glances: list[Glance | None] = field(default_factory=list)
    """For each section that was seen whole, its graph."""


@dataclass(frozen=True)
class Sight:
    """A network that looks at pictures (1, 3, H, W) in 0..1."""

    network: Backbone
    taps: Sequence[str]
    margin: int
    """Pixels that are mirrored around a picture and cut off its activations: what the network
    makes of borders is then neither learnt nor painted. 0: none."""
    whole: int
    """Pixels up to which a picture is seen whole; a larger one in tiles."""

    @property
    def sections(self) -> list[Section]:
        """Those that are needed."""
        needed = self.network.sections
        while needed and not set(self.taps) & needed[-1].strides.keys():
            needed = needed[:-1]
        return list(needed)

    @property
    def grid(self) -> int:
        """How far apart, in pixels, the cells of the coarsest tap are."""
        last = self.sections[-1]
        return max(self.stride_of(tap) for tap in last.strides)

    def stride_of(self, tap: str) -> int:
        """How far apart, in pixels, a tap's cells are."""
        stride = 1
        for section in self.sections:
            if tap in section.strides:
                return stride * section.strides[tap]
            stride *= section.stride
        raise KeyError(tap)

    def grid_of(self, tap: str, picture: torch.Tensor) -> tuple[int, int]:
        """How many cells a tap has for a picture, down and across."""
        stride = self.stride_of(tap)
        height, width = (-(-side // stride) for side in picture.shape[2:])
        return height, width

    def sees_whole(self, height: int, width: int) -> bool:
        return height * width <= self.whole

    def look(self, picture: torch.Tensor, show: Show, graph: bool) -> Look:
        """Show every cell of every tap once. With `graph`, `back` can follow."""
        look = Look(picture)
        x, stride = self._framed(picture.detach()), 1
        for number, section in enumerate(self.sections, 1):
            look.inputs.append(x)
            tiles = self._tiles(section, x, picture)
            whole = len(tiles) == 1
            following: torch.Tensor | None = None
            for tile in tiles:
                glance = self._glance(section, x, tile, stride, picture, graph and whole)
                for view in glance.views:
                    show(view)
                if number < len(self.sections):
                    following = glance.out.cells if whole else _put(following, glance, x, section)
            look.glances.append(glance if graph and whole else None)
            del glance
            if not whole:
                give_back()  # or tiles of one section come on top of the other's
            if following is not None:
                x, stride = following, stride * section.stride
        return look

    def back(self, look: Look, ask: Ask) -> torch.Tensor:
        """The gradient of the picture's pixels, given those of all cells."""
        above: torch.Tensor | None = None
        strides = [1]
        for section in self.sections[:-1]:
            strides.append(strides[-1] * section.stride)
        for section, x, kept, stride in reversed(
            list(zip(self.sections, look.inputs, look.glances, strides, strict=True))
        ):
            gradient = torch.zeros_like(x)
            for tile in self._tiles(section, x, look.picture):
                glance = kept or self._glance(section, x, tile, stride, look.picture, True)
                asked = [(view.patch, ask(view)) for view in glance.views]
                if above is not None:
                    asked.append((glance.out, above[:, :, *glance.out_place]))
                found = [(patch, wanted) for patch, wanted in asked if wanted is not None]
                if found:
                    (part,) = torch.autograd.grad(
                        [patch.computed for patch, _ in found],
                        glance.seen,
                        [patch.spread(wanted) for patch, wanted in found],
                    )
                    gradient[:, :, *glance.place] += part
            above = gradient
            if kept is None:
                del glance, asked, found, part
                give_back()
        assert above is not None
        return unframed(above, self.margin, *look.picture.shape[2:]) if self.margin else above

    def _framed(self, picture: torch.Tensor) -> torch.Tensor:
        """The picture with its margin, and with sides that make every grid even."""
        framed = picture
        if self.margin:
            down, across = (-(side + 2 * self.margin) % self.grid for side in picture.shape[2:])
            framed = frame(picture, self.margin, down, across)
        return framed.contiguous(memory_format=torch.channels_last)

    def _tiles(self, section: Section, x: torch.Tensor, picture: torch.Tensor) -> list[Rectangle]:
        """The cells of the section's input that each tile owns."""
        height, width = x.shape[2:]
        if self.sees_whole(*picture.shape[2:]):
            return [(slice(0, height), slice(0, width))]
        return list(product(section.cuts(height), section.cuts(width)))

    def _glance(
        self, section: Section, x: torch.Tensor, tile: Rectangle, stride: int,
        picture: torch.Tensor, graph: bool,
    ) -> Glance:  # fmt: skip
        down, across = (
            slice(max(0, own.start - section.halo), min(side, own.stop + section.halo))
            for own, side in zip(tile, x.shape[2:], strict=True)
        )
        place = down, across
        seen = x[:, :, *place].detach().requires_grad_(graph)
        with torch.set_grad_enabled(graph):
            found, out = section.run(seen, self.taps)
            views = list(self._views(section, found, tile, place, stride, picture))
            out_place, inside = _cells(tile, place, section.stride)
            return Glance(place, seen, views, Patch(out, inside), out_place)

    def _views(
        self, section: Section, found: Activations, tile: Rectangle, place: Rectangle, stride: int,
        picture: torch.Tensor,
    ) -> Iterator[View]:  # fmt: skip
        """The tile's own cells, less those of the margin."""
        for tap, cells in found.items():
            own, inside = _cells(tile, place, section.strides[tap])
            reach = stride * section.strides[tap]
            cut, where = [], []
            for side, mine, local in zip(picture.shape[2:], own, inside, strict=True):
                skipped, count = self.margin // reach, -(-side // reach)
                start = min(max(mine.start, skipped), skipped + count)
                stop = max(start, min(mine.stop, skipped + count))
                offset = local.start - mine.start
                cut.append(slice(start + offset, stop + offset))
                where.append(slice(start - skipped, stop - skipped))
            if all(one.stop > one.start for one in cut):
                yield View(tap, (where[0], where[1]), Patch(cells, (cut[0], cut[1])))


def _cells(tile: Rectangle, place: Rectangle, stride: int) -> tuple[Rectangle, Rectangle]:
    """A tile's own cells at a stride: on the whole grid, and within what the tile sees."""
    own, inside = [], []
    for side, seen in zip(tile, place, strict=True):
        start, stop, first = side.start // stride, -(-side.stop // stride), seen.start // stride
        own.append(slice(start, stop))
        inside.append(slice(start - first, stop - first))
    return (own[0], own[1]), (inside[0], inside[1])


def _put(
    whole: torch.Tensor | None, glance: Glance, x: torch.Tensor, section: Section
) -> torch.Tensor:
    """A tile's output in its place among the others'."""
    if whole is None:
        height, width = (-(-side // section.stride) for side in x.shape[2:])
        computed = glance.out.computed
        empty = computed.new_zeros((1, computed.shape[1], height, width))
        whole = empty.contiguous(memory_format=torch.channels_last)
    whole[:, :, *glance.out_place] = glance.out.cells
    return whole

"""Embeddings: what they make of Grams, and what their roots keep."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.narrow_vgg import NarrowVGG
from models.style.distillation.student import Embedding, Student
from models.style.losses import gram
from models.style.objective import turned
from tests.models.style.distillation.conftest import SMALL


def embedding(channels: int, teachers: int, seed: int) -> Embedding:
    torch.manual_seed(seed)
    made = Embedding(channels, teachers).double()
    torch.nn.init.normal_(made.weight)
    torch.nn.init.normal_(made.bias)
    return made.requires_grad_(False)


def centred_gram(activations: torch.Tensor) -> torch.Tensor:
    return gram(activations - activations.mean((2, 3), keepdim=True))


SIDES = st.integers(1, 9)


@settings(deadline=None, max_examples=40)
@given(channels=st.integers(1, 12), more=st.integers(0, 20), seed=st.integers(0, 99),
       height=SIDES, width=SIDES)  # fmt: skip
def test_the_gram_of_what_is_embedded_is_the_embedded_gram(
    channels: int, more: int, seed: int, height: int, width: int
) -> None:
    made = embedding(channels, channels + more, seed)
    activations = torch.randn(2, channels, height, width).double()
    wanted = centred_gram(made(activations))
    assert torch.allclose(made.gram(centred_gram(activations)), wanted, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(channels=st.integers(1, 12), more=st.integers(0, 20), seed=st.integers(0, 99))
def test_the_root_keeps_the_teachers_distances(channels: int, more: int, seed: int) -> None:
    """Of activations and of Grams, although there are fewer channels to tell them by."""
    made = embedding(channels, channels + more, seed)
    root = made.root()
    one, other = torch.randn(2, 1, channels, 5, 4).double()
    turned = [torch.einsum("ij,njhw->nihw", root, each) for each in (one, other)]
    far = (made(one) - made(other)).square().sum()
    assert torch.allclose((turned[0] - turned[1]).square().sum(), far)
    far = (centred_gram(made(one)) - centred_gram(made(other))).square().sum()
    assert torch.allclose((centred_gram(turned[0]) - centred_gram(turned[1])).square().sum(), far)


def test_what_is_packaged_paints_with_the_students_eye() -> None:
    student = Student(SMALL)
    for tap in student.taps:
        torch.nn.init.normal_(student.embedding(tap).weight)
    network = NarrowVGG(SMALL)
    network.read(student.packaged())
    pictures = torch.rand(1, 3, 24, 20)
    taught, packed = student(pictures), network(pictures, network.taps)
    for tap in network.taps:
        assert torch.equal(taught[tap], packed[tap]), tap
        wanted, found = student.embedding(tap)(taught[tap]), turned(packed[tap], network.root(tap))
        assert torch.allclose(found.square().sum(), wanted.square().sum(), rtol=1e-4), tap

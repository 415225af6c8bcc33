"""Marks against their definitions, cell by cell."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.style.distillation.lessons import Target, gram_distance, marked, targets
from models.style.distillation.student import Student
from models.style.losses import gram
from models.vgg import VGG
from tests.models.style.distillation.conftest import SMALL

SIDES = st.integers(9, 24)


@settings(deadline=None, max_examples=10)
@given(height=SIDES, width=SIDES, seed=st.integers(0, 99))
def test_marks_are_what_embedding_every_cell_would_give(height: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    student = Student(SMALL, (8, 12, 16, 20)).double()
    for tap in student.taps:
        torch.nn.init.normal_(student.embedding(tap).weight)
        torch.nn.init.normal_(student.embedding(tap).bias)
    pictures = torch.rand(3, 3, height, width).double()
    seen = student(pictures)
    wanted = {tap: torch.rand_like(student.embedding(tap)(seen[tap])) for tap in student.taps}
    marks = marked(student, pictures, targets(wanted))
    for tap, target in wanted.items():
        embedded = student.embedding(tap)(seen[tap])
        far = (embedded - target).square().mean()
        assert torch.allclose(marks.activations[tap], far, rtol=1e-9), tap
        mine, theirs = (gram(each - each.mean((2, 3), keepdim=True)) for each in (embedded, target))
        assert torch.allclose(marks.grams[tap], gram_distance(mine, theirs), rtol=1e-7), tap


def test_who_sees_all_that_is_wanted_has_no_marks(vgg: VGG) -> None:
    student = Student(SMALL, SMALL.widths)
    for tap in student.taps:
        embedding = student.embedding(tap)
        embedding.weight.data.copy_(torch.eye(len(embedding.bias)))
    pictures = torch.rand(2, 3, 16, 16)
    marks = marked(student, pictures, targets(student(pictures)))
    for tap in student.taps:
        assert marks.activations[tap].item() == pytest.approx(0.0, abs=1e-6)
        assert marks.grams[tap].item() == pytest.approx(0.0, abs=1e-6)


def test_a_flat_crop_does_not_outweigh_the_others() -> None:
    flat = torch.full((1, 4, 6, 6), 0.5)
    busy = torch.rand(1, 4, 6, 6)
    wanted = Target.of(torch.cat([flat, busy])).gram
    assert gram_distance(wanted + 1e-4, wanted).isfinite()
    assert gram_distance(torch.zeros_like(wanted), wanted) < 1.0

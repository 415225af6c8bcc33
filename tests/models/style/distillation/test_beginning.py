"""Where a student begins."""

from dataclasses import replace

import torch

from models.narrow_shape import Shape
from models.style.distillation.beginning import begin, fitted, telling_channels
from models.style.distillation.crops import Crops
from models.style.distillation.examination import examined
from models.style.distillation.student import Student
from models.style.distillation.teacher import Teacher
from models.vgg import VGG

CROPS = Crops((), 32, 4, 1.0, 3)


def begun(vgg: VGG, shape: Shape) -> tuple[Student, Teacher]:
    batches = [CROPS.of(number) for number in range(4)]
    student = Student(shape, vgg.widths)
    teacher = Teacher(vgg, student.taps, batches)
    begin(student, teacher, batches, 0)
    return student, teacher


def missed(student: Student, teacher: Teacher) -> dict[str, float]:
    unseen = replace(CROPS, seed=4)
    activations, _ = examined(student, teacher, [unseen.of(number) for number in range(3)])
    return activations


def test_as_wide_as_its_teacher_a_student_sees_what_that_sees(vgg: VGG) -> None:
    found = missed(*begun(vgg, Shape(vgg.widths)))
    assert all(each < 0.01 for each in found.values()), found


def test_a_narrow_one_misses_some_and_a_narrower_one_more(vgg: VGG) -> None:
    narrow, narrower = (
        missed(*begun(vgg, Shape(widths))) for widths in ((4, 6, 8, 10), (2, 2, 3, 3))
    )
    assert all(each < 0.6 for each in narrow.values()), narrow  # random weights are hard to tell
    assert sum(narrow.values()) < 0.8 * sum(narrower.values())


def test_the_teachers_activations_get_the_same_size_everywhere(vgg: VGG) -> None:
    batches = [CROPS.of(number) for number in range(2)]
    teacher = Teacher(vgg, vgg.taps, batches)
    looks = [teacher.look(batch) for batch in batches]
    for tap in vgg.taps:
        assert abs(torch.cat([look[tap] for look in looks]).square().mean() - 1) < 1e-4, tap


def test_channels_that_tell_the_others_are_chosen_first() -> None:
    random = torch.Generator().manual_seed(0)
    one, other = torch.randn(2, 500, generator=random)
    copies = torch.stack([0.5 * one, 3 * one, other * 0.1, other, one + 1e-3 * other], 1)
    first, second = telling_channels(copies, 2)
    assert first in (0, 1, 4) and second in (2, 3)


def test_what_is_linear_is_fitted_exactly() -> None:
    random = torch.Generator().manual_seed(0)
    seen = torch.randn(200, 5, generator=random)
    weight, bias = torch.randn(3, 5, generator=random), torch.randn(3, generator=random)
    found, shift = fitted(seen, seen @ weight.T + bias)
    assert torch.allclose(found, weight, atol=1e-3) and torch.allclose(shift, bias, atol=1e-3)

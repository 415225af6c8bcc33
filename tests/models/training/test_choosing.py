import torch

from models.training.choosing import Choice
from models.training.head import Head

TRUTH = torch.tensor([0, 1, 1, 0])
HEAD = Head(torch.zeros(2, 3), torch.zeros(2))


def logits(*right: bool, sure: float = 1.0) -> torch.Tensor:
    """Scores that name each photograph rightly or not."""
    named = torch.where(torch.tensor(right), TRUTH, 1 - TRUTH)
    return sure * torch.nn.functional.one_hot(named, 2).float()


def test_more_right_answers_win_then_the_lower_loss() -> None:
    choice = Choice(TRUTH)
    good = logits(True, True, True, False)
    choice.compare(HEAD, None, logits(True, True, False, False))
    choice.compare(HEAD, None, good)
    choice.compare(HEAD, None, logits(True, False, False, False))
    assert choice.best is not None and choice.best.logits is good and choice.best.right == 0.75
    surer = logits(True, True, True, False, sure=1.05)
    assert choice.latest is not None and choice.latest.right == 0.25
    choice.compare(HEAD, None, surer)
    assert choice.best.logits is surer


def test_with_nothing_to_choose_by_the_last_is_the_best() -> None:
    choice = Choice(TRUTH[:0])
    for number in range(3):
        choice.compare(
            Head(torch.full((2, 3), float(number)), torch.zeros(2)), None, torch.zeros(0, 2)
        )
        choice.note("full", number + 1, 0.5, 1.0)
    assert choice.best is choice.latest
    assert choice.curves[-1].val_loss is None and choice.curves[-1].val_top1 is None


def test_patience_counts_epochs_of_the_whole_network() -> None:
    choice = Choice(TRUTH)
    for epoch, right in enumerate((2, 3, 3, 1), 1):
        choice.compare(HEAD, None, logits(*(place < right for place in range(4))))
        choice.note("head" if epoch == 1 else "full", epoch, 0.5, 1.0)
    assert choice.is_stale(1) and choice.is_stale(2) and not choice.is_stale(3)
    assert not choice.is_stale(0)


def test_going_on_from_its_state() -> None:
    choice = Choice(TRUTH)
    state = {"head.weight": torch.ones(2, 3), "head.bias": torch.zeros(2)}
    choice.compare(HEAD, state, logits(True, True, True, False))
    choice.note("full", 1, 0.5, 1.0)
    other = Choice(TRUTH)
    other.restore(choice.state())
    assert other.curves == choice.curves
    assert choice.best is not None and other.best is not None
    assert (other.best.right, other.best.loss) == (choice.best.right, choice.best.loss)
    assert torch.equal(other.best.head.weight, state["head.weight"])

"""Nobody takes all streams."""

from app.seats import FEW, Seats


def test_one_owner_leaves_some_to_others() -> None:
    seats = Seats(40)
    assert sum(seats.take("greedy") for _ in range(100)) == 30
    assert sum(seats.take("other") for _ in range(100)) == FEW
    assert sum(seats.take("third") for _ in range(100)) == 2
    assert not seats.take("fourth")
    seats.leave("greedy")
    assert not seats.take("greedy")
    assert seats.take("fourth")


def test_what_is_given_back_is_forgotten() -> None:
    seats = Seats(1)
    for _ in range(3):
        assert seats.take("anyone")
        seats.leave("anyone")
    assert not seats.taken

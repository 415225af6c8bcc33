"""From an exception to the reason that a person reads: codes here are what docs/api.md lists."""

import logging

from models.images import PictureError
from models.options import InvalidOption
from models.species.card import CardInvalid
from models.species.registry import UnknownModel
from models.style.forecast import NotEnoughMemory
from models.training.dataset import DataSetError
from workers.artifacts import ArtifactMissing, ArtifactsRefused, StoreFull
from workers.jobs import Failure

log = logging.getLogger(__name__)

TOO_LARGE = "There was not enough memory for a painting of this size. Choose a smaller size."
NO_ROOM = "There is no room left on the disk for the painting. Remove some pictures and try again."
NO_INPUT = "A picture of this job is not there any more. Send the pictures again."
REFUSED = "The pictures cannot be reached. Whoever runs this server finds the reason in the log."
UNEXPECTED = "Something went wrong that should not have. Try again; if it stays, look into the log."


def explain(error: Exception) -> Failure:
    """What to tell of `error`. One that nobody planned for is logged whole, and told in general."""
    if isinstance(error, NotEnoughMemory):
        return Failure("out_of_memory", str(error))
    if lacks_memory(error):  # first of all: nothing more can be loaded then
        return Failure("out_of_memory", TOO_LARGE)
    # Here and not above: these load torch, and a worker's parent process does without.
    from models.devices import DeviceUnavailable
    from models.torchvision_trunk import UnknownNetwork
    from models.training.course import NameTaken
    from models.training.features import FeaturesMissing
    from models.weights import WeightsDamaged, WeightsMissing

    match error:
        case PictureError():
            return Failure(error.code, error.message)
        case InvalidOption():
            return Failure("invalid_option", str(error))
        case UnknownModel():
            return Failure("unknown_model", str(error))
        case CardInvalid():
            return Failure("model_damaged", str(error))
        case DataSetError():
            return Failure("unusable_dataset", str(error))
        case FeaturesMissing():
            return Failure("features_missing", str(error))
        case NameTaken():
            return Failure("model_exists", str(error))
        case UnknownNetwork():
            return Failure("unknown_network", str(error))
        case WeightsMissing():
            return Failure("weights_missing", str(error))
        case WeightsDamaged():
            return Failure("weights_damaged", str(error))
        case DeviceUnavailable():
            return Failure("device_unavailable", str(error))
        case StoreFull():
            return Failure("store_full", NO_ROOM)
        case ArtifactsRefused():
            log.error("the artifacts are refused", extra={"why": str(error)})
            return Failure("artifacts_refused", REFUSED)
        case ArtifactMissing():
            return Failure("input_missing", NO_INPUT)
    log.error("a job failed in a way that nobody planned for", exc_info=error)
    return Failure("internal", UNEXPECTED)


def lacks_memory(error: Exception) -> bool:
    """torch says it with an error of its own on CUDA and MPS, with a RuntimeError on the CPU."""
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or (isinstance(error, RuntimeError) and "not enough memory" in str(error))
        or (isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error))
    )

"""A night after the same nights, assessed once for all tests: steady portals made up here have most nights in common."""

import io

from tocsin.model.assess import assess


class Assessed:
    """Assesses as `assess` does, and gives back what is known of the same night before the same memory.

    A memory is known by the night that left it. One that something else changed is nobody's, and its nights are not
    kept; nor is a night on which the day is another one elsewhere.
    """

    def __init__(self):
        self.kept, self.left = {}, {}

    def __call__(self, tonight, memory, features, settings, about):
        before = () if _is_blank(memory) else self.left.get(id(memory))
        if before is None or about.elsewhere:
            return assess(tonight, memory, features, settings, about)
        night = (before, _bytes(tonight), tuple(map(id, features)), settings.sha256, *_told(about))
        if night not in self.kept:
            made = assess(tonight, memory, features, settings, about)
            # The number stands for the night in the keys of those after it; the features are held for their ids' sake.
            self.left[id(made.learned)] = len(self.kept)
            self.kept[night] = made, tuple(features)
        return self.kept[night][0]


def _is_blank(memory):
    frames = (memory.seen, memory.mix, memory.networks, memory.moves, memory.addresses)
    return memory.past is None and not memory.nights and all(frame.is_empty() for frame in frames)


def _told(about):
    frames = (_bytes(about.origins), _bytes(about.second_desk))
    return (about.when, about.with_model, tuple(sorted(about.accepted.items())), *frames)


def _bytes(frame):
    if frame is None:
        return None
    frame.write_ipc(held := io.BytesIO())
    return held.getvalue()


assessed = Assessed()

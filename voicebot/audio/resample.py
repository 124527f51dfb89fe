"""Change the rate of live sound with 1-2 ms delay.

soxr's streaming mode holds back over 100 ms in 20 ms chunks, so live paths use FFmpeg's resampler through PyAV.
"""

from __future__ import annotations

import av
import numpy as np

from voicebot.audio.pcm import Samples


class StreamResampler:
    """One direction of one call. Feed chunks in order; what comes out joins without a gap."""

    def __init__(self, rate_in: int, rate_out: int) -> None:
        self.rate_in = rate_in
        self.rate_out = rate_out
        self._engine = None if rate_in == rate_out else av.AudioResampler(format="s16", layout="mono", rate=rate_out)

    def feed(self, samples: Samples) -> Samples:
        """Samples at ``rate_in`` in, samples at ``rate_out`` out (a few may be held back until the next call)."""
        if self._engine is None or samples.size == 0:
            return samples
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.int16).reshape(1, -1), format="s16", layout="mono"
        )
        frame.sample_rate = self.rate_in
        return self._joined(frame)

    def flush(self) -> Samples:
        """What was held back. The resampler cannot be fed afterwards."""
        return np.zeros(0, np.int16) if self._engine is None else self._joined(None)

    def _joined(self, frame: av.AudioFrame | None) -> Samples:
        assert self._engine is not None
        made = [out.to_ndarray().reshape(-1) for out in self._engine.resample(frame)]
        return np.concatenate(made).astype(np.int16, copy=False) if made else np.zeros(0, np.int16)

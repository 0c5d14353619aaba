"""A browser for the tests, by aiortc: what it says is a tone, what it hears is kept."""

import asyncio
from fractions import Fraction

from aiortc import (
    AudioStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import AudioFrame, AudioResampler

from ..g711 import FRAME, to_linear, to_ulaw
from ..tones import tone


class Mouth(AudioStreamTrack):
    def __init__(self, hz):
        super().__init__()
        self.voice = to_linear(tone(hz, 1))

    async def recv(self):
        pace = await super().recv()
        start = pace.pts % len(self.voice)
        frame = AudioFrame.from_ndarray(self.voice[start : start + FRAME].reshape(1, -1), format="s16", layout="mono")
        frame.pts, frame.sample_rate, frame.time_base = pace.pts, 8000, Fraction(1, 8000)
        return frame


class Browser:
    def __init__(self, hz=None, *, codec=None, keys=True, direction="sendrecv"):
        configuration = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self.peer = RTCPeerConnection(configuration)
        self.mouth = Mouth(hz) if hz else AudioStreamTrack()
        transceiver = self.peer.addTransceiver(self.mouth if direction == "sendrecv" else "audio", direction)
        if codec:
            codecs = RTCRtpSender.getCapabilities("audio").codecs
            transceiver.setCodecPreferences([each for each in codecs if each.mimeType == codec])
        self.keys = self.peer.createDataChannel("keys") if keys else None
        self.frames = []
        self.received = 0
        self.peer.on("track", self.listen)

    async def call(self, leg):
        await self.peer.setLocalDescription(await self.peer.createOffer())
        answer = await leg.answer(self.peer.localDescription.sdp)
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        return answer

    def listen(self, track):
        self.ear = asyncio.create_task(self.pump(track))

    async def pump(self, track):
        resampler = AudioResampler(format="s16", layout="mono", rate=8000)
        try:
            while True:
                for frame in resampler.resample(await track.recv()):
                    self.frames.append(to_ulaw(frame.to_ndarray()[0]))
        except MediaStreamError:
            return

    @property
    def heard(self):
        return b"".join(self.frames)

    def forget(self):
        self.frames.clear()

    async def close(self):
        await self.peer.close()


async def join(browser, leg):
    answer = await browser.call(leg)
    assert await asyncio.wait_for(leg.wait_connected(), 20)
    return answer

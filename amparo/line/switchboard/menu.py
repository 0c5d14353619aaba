"""The caller's menu: opening prompts, choice of language, the queue, and the offer of a call back.

A key or an answering operator interrupts each step but one: the limits of confidentiality, before a voice message. The
menu never lets a caller hear ringing for ever, and hangs up only when a message or number was left.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from django.utils import timezone

from amparo.foundation.line_settings.hours import is_open
from amparo.foundation.line_settings.rules import current

from .caller_keys import DANGER, SILENT
from .live_call import LiveCall
from .models import Ending, Hours, Language, Message, State
from .prompts.library import Library

LANGUAGE_KEYS = {"1": Language.SPANISH, "2": Language.QUECHUA, "3": Language.ENGLISH}
RECORDED = {Language.SPANISH: "es-PE", Language.QUECHUA: "quy", Language.ENGLISH: "en"}
LANGUAGE_PROMPTS = {"es-PE": "language-1-spanish", "quy": "language-2-quechua", "en": "language-3-english"}
HOURS_KEYS = {"1": Hours.MORNING, "2": Hours.AFTERNOON, "3": Hours.EVENING, "4": Hours.ANY}

POLICE = "105"  # in emergencies, all over Peru: where the line has set no other number
REASSURE = 30.0  # seconds of music between two spoken messages
SHORTEST_MESSAGE = 8000  # bytes, one second of sound: anything shorter is only a click
ASK_HOURS = 3  # times
SHORTEST_NUMBER, LONGEST_NUMBER = 3, 15  # digits; the longest by E.164


class Menu:
    """What one caller hears until an operator answers, and while no operator is with them."""

    def __init__(
        self,
        call: LiveCall,
        library: Library,
        nobody_is_on_shift: Callable[[], bool],
        is_in_surge: Callable[[], bool],
    ) -> None:
        self.call, self.library = call, library
        self.nobody_is_on_shift, self.is_in_surge = nobody_is_on_shift, is_in_surge

    async def receive_caller(self) -> None:
        # a visitor of a chat has chosen a language already; a practice caller needs no menu
        if self.call.row.chat is None and self.call.row.practice_of_id is None:
            await self._play_opening()
        self.call.enqueue()
        if self.call.row.practice_of_id is None and not is_open(current(), timezone.now()):
            await self._say_closed()
        await self.wait_in_queue()

    async def _say_closed(self) -> None:
        """Say that we are outside our hours, and the number of the police. The caller waits already, like any other."""
        digits = [f"digit-{each}" for each in current().police_number or POLICE if each.isdigit()]
        await self._react_to_key(await self._play_prompts("outside-hours", *digits))

    async def _play_opening(self) -> None:
        """Play the opening prompts. Keys 1 to 3 choose the language, 5 means "I cannot speak", 9 means "danger".

        The key of a language that the line does not offer, or whose prompts no speaker has read, is a key like any
        other.
        """
        offered = {RECORDED[Language(code)] for code in current().languages}
        spoken = [LANGUAGE_PROMPTS[recorded] for recorded in self.library.announced_languages if recorded in offered]
        key = await self._ask("welcome", *spoken, "cannot-speak")
        language = LANGUAGE_KEYS.get(key or "")
        if language and RECORDED[language] in offered - self.library.languages_awaiting_review:
            self.call.set_language(language)
        elif key in (SILENT, DANGER):
            await self._acknowledge_key(key)

    async def wait_in_queue(self) -> None:
        """Play music and reassurance until somebody answers. Also for a call that comes back into the queue."""
        await self._reassure("connecting")
        offered: float | None = None  # never
        started = asyncio.get_running_loop().time()
        while True:
            waited = asyncio.get_running_loop().time() - started
            limits = current()
            again = offered is None or waited - offered >= limits.offer_again_seconds
            if again and (self.nobody_is_on_shift() or waited >= limits.offer_after_seconds):
                offered = waited
                await self._offer_callback()
            await self._react_to_key(await self._play_hold_music())
            await self._reassure("still-here")

    async def _reassure(self, words: str) -> None:
        """Play the prompt with the id `words`.

        In a surge, first ask a caller who has pressed no key for one: any key proves a person, and moves the call
        forward. Without a key, the prompt is not played.
        """
        if self.is_in_surge() and not self.call.ticket.has_pressed:
            key = await self._ask("many-calls")
            if key is None:
                return
            await self._react_to_key(key)
        await self._react_to_key(await self._play_prompts(words))

    async def play_on_hold(self) -> None:
        """Play hold music, and say that the operator will be back."""
        while True:
            await self._play_prompts("held")
            await self._play_hold_music()

    async def _join_with_third_party(self) -> None:
        """Reassure a caller on hold, then let them talk with the third party. If an operator comes back meanwhile, or
        the third party leaves, the caller stays on hold.
        """
        await self._play_prompts("still-here")
        if self.call.legs or not self.call.third_party:
            await self.play_on_hold()
        self.call.resume()

    def play_to_lone_caller(self) -> None:
        """Play hold music, or the sound of the queue, to a caller who has no operator.

        With a third party in the call, a caller on hold is connected with them instead.
        """
        call = self.call
        if call.has_ended or call.legs:
            return
        if call.third_party:
            if call.state is State.ON_HOLD:
                call.play_to_caller(self._join_with_third_party())
        elif call.state in (State.WAITING, State.CONNECTING):
            call.conversation.remove(call.caller.sound)
            call.play_to_caller(self.wait_in_queue())
        elif call.state is State.TALKING:
            call.park(self.play_on_hold())

    async def _react_to_key(self, key: str | None) -> None:
        if key in (SILENT, DANGER):
            await self._acknowledge_key(key)

    async def _acknowledge_key(self, key: str) -> None:
        await self._play_prompts("silent-on" if key == SILENT else "danger-noted")

    # Nobody is free.

    async def _offer_callback(self) -> None:
        key = await self._ask("nobody-now")
        if key == "1":
            await self._take_number()
        elif key == "2":
            await self._take_message()
        else:
            await self._react_to_key(key)

    async def _take_number(self) -> None:
        """Ask for a safe number and hours by keys, save them and end the call. Without them, go back to the queue."""
        self._leave_queue()
        while True:
            number = await self._collect_digits("callback-number")
            if not number or self.call.caller.sound.closed:
                self._queue_again()  # an unconfirmed number may be somebody else's
                return
            if len(number) < SHORTEST_NUMBER:
                continue  # too short to be called
            digits = [f"digit-{digit}" for digit in number]
            if await self._ask("callback-repeat", *digits, "callback-confirm") == "1":
                break
        if (hours := await self._ask_hours()) is None:
            self._queue_again()  # without safe hours nobody may call, so the number is not stored
            return
        self._save_message(number=number, hours=hours)
        await self._play_prompts("callback-done", "goodbye")
        self.call.end(Ending.MESSAGE)

    async def _ask_hours(self) -> Hours | None:
        for _ in range(ASK_HOURS):
            if hours := HOURS_KEYS.get(await self._ask("callback-hours") or ""):
                return hours
        return None

    async def _take_message(self) -> None:
        """Record a voice message. The limits of confidentiality are played in full first; no key skips them."""
        self._leave_queue()
        await self.call.caller.sound.play(self._sound("message-limits"))
        await self._play_prompts("message-start", "beep")
        sound = await self.call.caller.sound.record(current().longest_message_seconds)
        if len(sound) >= SHORTEST_MESSAGE:
            self._save_message(sound=sound)
            await self._play_prompts("message-done", "goodbye")
            self.call.end(Ending.MESSAGE)
        else:
            self._queue_again()

    def _leave_queue(self) -> None:
        self.call.set_state(State.MESSAGE)
        self.call.ring_for(None)

    def _queue_again(self) -> None:
        """Go back to the queue, because the caller left no number or message. End the call if they have hung up."""
        if self.call.caller.sound.closed:
            self.call.end(Ending.GAVE_UP)
        else:
            self.call.enqueue()

    def _save_message(self, number: str | None = None, hours: Hours = Hours.ANY, sound: bytes | None = None) -> None:
        row = self.call.row
        message = Message(call_id=row.pk, left_at=timezone.now(), number=number, hours=hours, sound=sound)
        self.call.journal.record_message(message)

    # Sounds and keys.

    async def _play_prompts(self, *ids: str) -> str | None:
        """Play prompts in order. The first key stops them and is returned."""
        self._forget_keys()
        for id in ids:
            if key := await self._first_key(self.call.caller.sound.play(self._sound(id))):
                return key
        return None

    async def _ask(self, *ids: str) -> str | None:
        """Play prompts, and wait a few seconds for a key. Returns the key, or None."""
        return await self._play_prompts(*ids) or await self._first_key(asyncio.sleep(current().think_seconds))

    async def _play_hold_music(self) -> str | None:
        with suppress(TimeoutError):
            async with asyncio.timeout(REASSURE):
                return await self._first_key(self.call.caller.sound.play(self._sound("hold"), loop=True))
        return None

    def _sound(self, id: str) -> bytes:
        return self.library.sound(id, RECORDED[Language(self.call.row.language)])

    async def _collect_digits(self, prompt: str) -> str:
        """Play a prompt. Return the digits pressed until another key, a pause, or LONGEST_NUMBER of them."""
        digits, key = "", await self._ask(prompt)
        while key and key.isdigit() and len(digits) < LONGEST_NUMBER:
            digits += key
            key = await self._first_key(asyncio.sleep(current().think_seconds))
        return digits

    async def _first_key(self, other: "asyncio._CoroutineLike[object]") -> str | None:
        """Return the key pressed before `other` ends, or None."""
        pressed, busy = asyncio.create_task(self.call.keys.get()), asyncio.ensure_future(other)
        try:
            await asyncio.wait({pressed, busy}, return_when=asyncio.FIRST_COMPLETED)
            return pressed.result() if pressed.done() else None
        finally:
            pressed.cancel()
            busy.cancel()

    def _forget_keys(self) -> None:
        while not self.call.keys.empty():
            self.call.keys.get_nowait()

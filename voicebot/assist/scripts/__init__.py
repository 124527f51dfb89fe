"""Guided scripts: flows for people. ``load_scripts`` reads, ``guide`` prepares, ``start`` and ``step`` run them."""

from voicebot.assist.scripts.choosing import choose
from voicebot.assist.scripts.files import check_script_files, load_scripts, scripts_from_json, scripts_to_json
from voicebot.assist.scripts.guide import Guide, Spoken, Values, guide, key_of, name_of
from voicebot.assist.scripts.likeness import StepMeaning
from voicebot.assist.scripts.model import Key, Mark, Script, ScriptSet, ScriptState, ScriptStep, StepKind, StepText
from voicebot.assist.scripts.records import moved, over, replayed, taken
from voicebot.assist.scripts.step import (
    Change,
    Clicked,
    Ending,
    Entered,
    Finished,
    Given,
    SlotKnown,
    Ticked,
    Warned,
    start,
    step,
)
from voicebot.assist.scripts.ways import answered, missing

__all__ = [
    "Change",
    "Clicked",
    "Ending",
    "Entered",
    "Finished",
    "Given",
    "Guide",
    "Key",
    "Mark",
    "Script",
    "ScriptSet",
    "ScriptState",
    "ScriptStep",
    "SlotKnown",
    "Spoken",
    "StepKind",
    "StepMeaning",
    "StepText",
    "Ticked",
    "Values",
    "Warned",
    "answered",
    "check_script_files",
    "choose",
    "guide",
    "key_of",
    "load_scripts",
    "missing",
    "moved",
    "name_of",
    "over",
    "replayed",
    "scripts_from_json",
    "scripts_to_json",
    "start",
    "step",
    "taken",
]
